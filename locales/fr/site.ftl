# Ce que montre un site : le bandeau et la page des préférences.

site-preferences-name = Vos choix de confidentialité
site-preferences-lead = Ce que { $controller } peut faire au-delà du site lui-même. Rien de tout cela n’a lieu sans votre oui, et vous pouvez changer d’avis ici à tout moment.
site-banner-title = Pouvons-nous utiliser votre visite pour autre chose que ce site ?
site-banner-text = { $controller } vous demande votre accord pour ces usages. Rien de tout cela n’a lieu sans votre oui ; le site fonctionne dans les deux cas.
site-banner-later = Vous pouvez changer votre réponse à tout moment : « Vos choix de confidentialité » se trouve au bas de chaque page.
site-refuse = Tout refuser
site-accept = Tout accepter
site-choose = Choisir un par un
site-save = Enregistrer mes choix
site-optional = Votre choix
site-necessary = Toujours actif
site-locked = Toujours actif
site-on = Autorisé
site-off = Non autorisé
site-closed = Votre navigateur nous demande de ne pas le faire (Global Privacy Control) : cela reste désactivé.
site-gpc = Votre navigateur envoie Global Privacy Control. Nous le respectons : vos données ne sont ni vendues, ni partagées, ni utilisées pour de la publicité ailleurs.
site-gpc-short = (Global Privacy Control est respecté)
site-recipients = { $count ->
    [one] Partagé avec 1 destinataire ({ $names }).
   *[other] Partagé avec { $count } destinataires ({ $names }).
}
site-remembered = Votre réponse est conservée jusqu’au { $day }, quelle qu’elle soit.
site-not-chosen = Vous n’avez pas encore répondu. Rien n’est activé ici.
site-saved = Votre choix est enregistré. Vous pouvez le changer à tout moment au bas de chaque page.
site-back = Retour au site
site-opt-out-name = Ne pas vendre ni partager mes données
site-opt-out-lead = Un seul bouton, sans connexion, rien à remplir. { $controller } ne vend ni ne partage plus ce que ce navigateur montre de vous, et ne l’utilise pas pour de la publicité ailleurs.
site-opt-out-stops = Cela arrête :
site-opt-out = Ne pas vendre ni partager
site-opt-out-done = C’est déjà désactivé pour ce navigateur.
site-opt-out-reach = Cela vaut aussitôt pour ce navigateur. Les clients peuvent le dire pour tout leur compte sous « Vos données ».
