# Ce que dit chaque page : portail, console, page des préférences, pages d'erreur.
# Une chose, un mot. Simple et court ; sans crier, sans reproche.

skip-to-content = Aller au contenu
menu = Menu
language-label = Langue
language-apply = Changer
contact-label = Des questions sur vos données :
contact-label-staff = Les clients posent leurs questions sur leurs données à
sign-out = Se déconnecter
close = Fermer
back = Retour
cancel = Annuler
save = Enregistrer
continue = Continuer

newer = Plus récent
older = Plus ancien
pages-label = Pages

notice-info = À savoir
notice-good = C’est fait
notice-warn = À noter
notice-bad = Rien n’a été fait
field-wrong = À vérifier :

chart-numbers = Voir les chiffres
chart-nothing = Rien à montrer pour l’instant.

## Dates
date-day = { $day ->
    [1] 1er
   *[other] {$day}
 } {$month} {$year}
date-moment = { $day ->
    [1] 1er
   *[other] {$day}
 } {$month} {$year}, {$time} (UTC)
month-1 = janvier
month-2 = février
month-3 = mars
month-4 = avril
month-5 = mai
month-6 = juin
month-7 = juillet
month-8 = août
month-9 = septembre
month-10 = octobre
month-11 = novembre
month-12 = décembre

## Pages d'erreur
error-not-found-title = Cette page n’existe pas
error-not-found-text = L’adresse est peut-être fausse, ou ce qui était ici n’y est plus.
error-method-not-allowed-title = Cela ne se fait pas ici
error-method-not-allowed-text = Revenez en arrière et utilisez les boutons de la page.
error-invalid-request-title = Ce n’était pas lisible
error-invalid-request-text = Quelque chose dans le formulaire n’était pas comme prévu. Revenez en arrière et réessayez.
error-too-large-title = Envoi trop volumineux
error-too-large-text = L’envoi dépasse ce que cette page accepte.
error-unauthorised-title = Connectez-vous
error-unauthorised-text = Vous n’êtes pas connecté, ou vous avez été déconnecté après un certain temps.
error-foreign-form-title = Ce formulaire ne vient pas d’ici
error-foreign-form-text = Rien n’a été fait. Si vous avez utilisé un formulaire de ce site, rouvrez la page et recommencez.
error-stale-form-title = Ce formulaire n’est plus à jour
error-stale-form-text = Rien n’a été fait. Rouvrez la page et recommencez.
error-forbidden-title = Ce n’est pas permis
error-forbidden-text = Rien n’a été fait.
error-denied-title = Ce n’est pas permis
error-denied-text = Les règles de ces données ne le permettent pas. Rien n’a été fait, et la tentative est consignée.
error-conflict-title = Cela ne correspond plus
error-conflict-text = Quelque chose a changé entre-temps. Rouvrez la page.
error-too-many-requests-title = Trop d’essais
error-too-many-requests-text = Attendez un peu et réessayez.
error-unavailable-title = Pas maintenant
error-unavailable-text = Le service ne peut pas répondre pour l’instant. Réessayez bientôt ; rien n’est perdu.
error-internal-title = Quelque chose n’a pas marché
error-internal-text = L’erreur vient de nous et a été enregistrée. Réessayez ; si cela continue, dites-le-nous.
error-home = Retour à l’accueil
