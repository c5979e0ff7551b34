# Le portail des clients. Simple et court ; un oui et un non pèsent autant.

portal-name = Vos données

## Navigation et aperçu
portal-nav-overview = Aperçu
portal-nav-data = Ce que nous détenons
portal-nav-choices = Ce que vous autorisez
portal-nav-recipients = Qui les reçoit
portal-nav-history = Utilisations
portal-nav-download = Télécharger
portal-nav-erase = Effacer

overview-title = Vos données chez {$controller}
overview-lead = Voyez ce qui est détenu à votre sujet, changez ce que vous autorisez, emportez vos données ou faites-les effacer.
overview-data = Tout ce que nous détenons à votre sujet : de quoi il s’agit, d’où cela vient et combien de temps cela reste.
overview-choices = { $allowed ->
    [0] Vous n’autorisez aucun des {$all} usages facultatifs.
    [one] Vous autorisez un usage facultatif sur {$all}.
   *[other] Vous autorisez {$allowed} usages facultatifs sur {$all}.
 }
overview-choices-none = Rien n’est facultatif ici. Voyez à quoi servent vos données.
overview-history = Qui a utilisé vos données, pour quoi et quand. Ce qui a été refusé y figure aussi.
overview-download = Emportez vos données : une page à lire, un tableau ou un fichier pour logiciels.
overview-erase = Voyez d’abord ce qui partirait, ce qui doit rester et jusqu’à quand.
overview-recent = Récemment
overview-recent-all = Tout afficher

## Connexion
sign-in-title = Se connecter
sign-in-lead = Nous envoyons un code à votre adresse e-mail. Aucun mot de passe n’est nécessaire.
sign-in-email = Votre adresse e-mail
sign-in-email-hint = Celle par laquelle {$controller} vous connaît.
sign-in-send = Envoyez-moi un code
sign-in-malformed = Ce n’est pas une adresse e-mail. Elle ressemble à nom@exemple.org.
sign-in-too-many = Trop de codes ont été demandés pour cette adresse. Réessayez dans { $minutes ->
    [one] une minute.
   *[other] {$minutes} minutes.
 }
code-title = Entrez le code
code-lead = Si nous connaissons cette adresse, un message avec un code est en route. Il est valable {$minutes} minutes.
code-label = Code
code-hint = {$digits} chiffres, dans le message.
code-check = Se connecter
code-refused = Ce code ne fonctionne pas : il est faux, trop ancien ou déjà utilisé. Demandez-en un nouveau.
code-again = Utiliser une autre adresse ou demander un nouveau code

## Ce que nous détenons
data-lead = Groupé selon ce qui prend fin ensemble. Vous pouvez corriger ce qui est faux.
data-until = Conservation : {$period}.
data-used-for = À quoi cela sert
data-used-line = {$purpose}. Fondement : {$basis}.
data-used-line-kept = {$purpose}. Fondement : {$basis}. Conservation : {$period}.
data-column-what = Quoi
data-column-value = Valeur
data-column-source = Provenance
data-column-change = Changer
data-column-since = Depuis
data-change = Corriger
data-change-of = Corriger : {$what}
data-identifiers = Comment nous vous reconnaissons
data-identifiers-lead = C’est par là que nous trouvons vos données quand vous nous contactez.
data-proved = Confirmé
data-claimed = Non confirmé
data-records = Enregistrements
data-record-count = { $count ->
    [one] un enregistrement
   *[other] {$count} enregistrements
 }
data-records-look = Les consulter
data-records-lead = Les plus récents d’abord. Le téléchargement les contient tous en un fichier.
data-records-none = Il n’y a rien de plus ancien.
data-records-back = Ce que nous détenons d’autre
data-record-title = {$kind} : {$title}
data-empty = Rien n’est détenu à votre sujet
data-empty-text = Hormis ce qui figure sous « Utilisations ».
data-read-note = Votre visite de cette page figure dans vos utilisations, pour que vous remarquiez si quelqu’un d’autre le faisait.

source-person = Vous nous l’avez dit
source-observed = Observé pendant l’usage de nos services
source-recipient = Un partenaire nous l’a dit
source-public = Une source publique
source-social = Un réseau social
source-inferred = Déduit d’autres données

identifier-email = Adresse e-mail
identifier-phone = Numéro de téléphone
identifier-customer-number = Numéro de client
identifier-device-id = Appareil

## Qui les reçoit
recipients-lead = D’autres entreprises qui reçoivent vos données, chacune pour ce qui figure à côté. Là où l’une n’est pas nécessaire, vous pouvez dire non.
recipients-none = Personne d’autre ne reçoit vos données
recipients-for = Pour
recipients-where = Où
recipients-what = Ce qu’elle fait
recipients-last = Dernière réception
recipients-never = Pas dans vos { $count } dernières utilisations
recipients-on = Peut les recevoir
recipients-off = Refusé
recipients-locked = Nécessaire
recipients-needed-for = Nécessaire pour
recipients-if-declined = Si vous refusez
recipients-declined = { $recipient } ne reçoit plus vos données
recipients-accepted = { $recipient } peut à nouveau recevoir vos données
recipient-kind-hosting = Héberge nos machines ou nos données
recipient-kind-delivery = Livre des marchandises
recipient-kind-payment = Encaisse les paiements
recipient-kind-messaging = Envoie des messages pour nous
recipient-kind-analytics = Mesure l’usage
recipient-kind-advertising = Affiche ou vend de la publicité
recipient-kind-professional = Comptables, auditeurs ou avocats
recipient-kind-authority = Un tribunal ou une autorité
recipient-kind-affiliate = Une société de notre groupe
recipient-kind-other = Autre travail

## Corriger
correct-lead = L’ancienne valeur reste dans l’historique que vous et nous seuls voyons, et ne sert à rien d’autre.
correct-new = Qu’est-ce qui est juste ?
correct-save = Enregistrer la correction
correct-done = Corrigé
correct-done-text = La nouvelle valeur compte dès maintenant.
correct-same = Rien n’a changé : cette valeur y était déjà.
correct-unfit = Cela ne peut pas figurer ici. Écrivez au moins un caractère, et pas un livre entier.
correct-unfit-identifier = Ce n’est pas la forme sous laquelle nous la connaissons. Une adresse e-mail ressemble à nom@exemple.org, un numéro de téléphone à +33 1 70 18 00 00.
correct-by-hand = Nous ne pouvons pas changer cela ici. Écrivez-nous, nous verrons cela avec vous.
correct-stale = Vous vous connectez avec cette adresse ou ce numéro. Pour le changer, déconnectez-vous, reconnectez-vous, puis changez-le dans les 10 minutes.
correct-now = Maintenant
correct-history = Historique
correct-column-until = Jusqu’au
correct-identifier-note = C’est par cette valeur que nous vous trouvons. Après la correction, vous vous connectez avec la nouvelle, une fois que vous avez prouvé qu’elle est à vous.

## Ce que vous autorisez
choices-lead = Chaque interrupteur compte aussitôt. Dire non est aussi simple que dire oui et ne change rien d’autre.
choices-optional = Votre choix
choices-none = Il n’y a rien à choisir : seul le nécessaire a lieu.
choices-locked = Sans choix
choices-locked-lead = Ceci ne demande pas de consentement. Voici pourquoi, et ce que dit la loi.
choice-on = Autorisé
choice-off = Non autorisé
choice-pending = Autorisé, en attente de confirmation
choice-locked = Toujours actif
choice-since = Depuis le {$day}
choice-channel = {$channel}
choice-switch-name = {$purpose}, {$channel}
choice-needs = Données
choice-recipients = Qui d’autre les voit
choice-kept = Conservation
choice-ends = Si vous dites non
choice-ends-erase = Les données qui ne servaient qu’à cela sont effacées.
choice-ends-keep = Les données restent pour une autre raison : {$basis}.
choice-basis = Fondement
choice-more = En savoir plus
choice-gpc = Votre navigateur dit : ne vendez ni ne partagez mes données
choice-gpc-text = Nous l’avons entendu (Global Privacy Control). La publicité avec d’autres et le partage restent désactivés, sauf si vous les activez ici.
choice-restricted = L’usage de vos données est limité
choice-restricted-text = Elles sont conservées et non utilisées, quoi que disent les interrupteurs, jusqu’à la levée de la limitation.
choice-allowed = Autorisé : {$what}
choice-refused = Plus autorisé : {$what}
choice-refused-ended = Les données qui ne servaient qu’à cela sont effacées.
freeze-title = Geler l’usage de vos données
freeze-text = Nous conservons alors vos données et ne les utilisons que pour ce que vous demandez vous-même, ce que la loi exige et les actions en justice (RGPD 18). Vous pouvez y mettre fin ici à tout moment.
freeze-begin = Geler l’usage
freeze-end = Mettre fin au gel
freeze-begun = L’usage de vos données est gelé
freeze-ended = Le gel est terminé

choice-all-off = Dire non à tout
choice-all-off-text = Tous les interrupteurs ci-dessus se désactivent.
choice-all-done = Tout ce qui est facultatif est désactivé
choice-pending-text = En attente de confirmation de l’adresse ; d’ici là, rien n’est envoyé.

channel-email = Par e-mail
channel-sms = Par SMS
channel-phone = Par téléphone
channel-push = Dans l’application
channel-post = Par courrier

basis-consent = votre consentement
basis-contract = le contrat avec vous
basis-legal-obligation = une loi nous y oblige
basis-vital-interests = la vie de quelqu’un est en jeu
basis-public-task = une mission d’intérêt public
basis-legitimate-interests = nos intérêts l’emportent sur les vôtres ; vous pouvez vous y opposer
basis-opt-out-law = une loi le permet jusqu’à ce que vous refusiez
basis-existing-customer = vous êtes client chez nous ; vous pouvez refuser

period-day = { $count ->
    [one] un jour
   *[other] {$count} jours
 }
period-month = { $count ->
    [one] un mois
   *[other] {$count} mois
 }
period-year = { $count ->
    [one] un an
   *[other] {$count} ans
 }
kept-collection = {$period} après leur collecte
kept-last-activity = {$period} après votre dernière activité
kept-relation-end = {$period} après la fin de la relation
kept-contract-end = {$period} après la fin du contrat
kept-year-end = {$period} après la fin de l’année
kept-case-closed = {$period} après la clôture de l’affaire
kept-withdrawal = {$period} après votre retrait

## Utilisations
history-lead = Chaque utilisation de vos données, la plus récente d’abord. Chaque ligne est scellée dans un registre que personne ne peut changer sans que cela se voie.
history-empty = Rien pour l’instant
history-empty-text = Dès que quelqu’un utilise vos données, cela figure ici.
history-by = Par : {$who}
history-by-through = Par : {$who}, au moyen de {$service}
history-for = Pour : {$purpose}
history-data-more = {$list} et {$count} de plus
history-reason = Raison donnée : {$reason}
history-why-not = Pourquoi non : {$why}
history-refused = Refusé
history-observed = Serait refusé
history-number = Ligne {$index} du registre

who-customer = vous
who-agent = une personne que vous avez autorisée
who-job = notre système, de lui-même
who-operator = l’exploitant de notre système
who-staff = un membre du personnel
who-service = un de nos logiciels

done-consent = Vous avez fait un choix
done-collect = Des données vous concernant ont été recueillies
done-read = Vos données ont été consultées
done-correct = Une valeur a été corrigée
done-erase = Des données ont été effacées
done-merge = Deux de vos comptes ont été réunis ou séparés
done-export = Vos données ont été remises dans un fichier
done-manifest = Les règles des données ont changé
done-import = Des données ont été lues dans un fichier ou une table
done-audience = On a cherché qui pouvait être contacté, et vous en faisiez partie
done-key = Une clé a été créée, changée ou détruite
done-operation = Entretien de notre système
done-login = On s’est connecté avec un code qui vous a été envoyé, ou on l’a essayé
done-staff = Un compte du personnel a été créé ou changé
done-decision = Un usage de vos données a été permis
done-other = Quelque chose a été fait avec vos données

asked-collect = On a voulu recueillir des données
asked-read = On a voulu consulter vos données
asked-use = On a voulu utiliser vos données
asked-send = On a voulu vous envoyer un message
asked-share = On a voulu transmettre vos données
asked-train = On a voulu entraîner un modèle avec vos données
asked-keep = On a voulu conserver des données
asked-correct = On a voulu corriger une valeur
asked-erase = On a voulu effacer des données
asked-export = On a voulu remettre vos données
asked-merge = On a voulu réunir ou séparer des comptes

did-collect = Des données vous concernant ont été recueillies
did-read = Vos données ont été consultées
did-use = Vos données ont été utilisées
did-send = Un message pour vous a été permis
did-share = Vos données ont été transmises
did-train = Un modèle a été entraîné avec vos données
did-keep = Des données ont été conservées
did-correct = Une valeur a été corrigée
did-erase = Des données ont été effacées
did-export = Vos données ont été remises dans un fichier
did-merge = Deux de vos comptes ont été réunis ou séparés

why-consent-missing = On ne vous a pas demandé, ou vous n’avez pas répondu.
why-consent-unsettled = Deux de vos comptes ont été réunis et disent des choses différentes.
why-consent-pending = Vous avez dit oui, mais n’avez pas confirmé l’adresse ou le numéro.
why-consent-refused = Vous avez dit non.
why-consent-withdrawn = Vous avez retiré votre oui.
why-consent-of-child = Vous êtes trop jeune pour accepter seul.
why-restricted = Vous avez limité ces données : elles sont conservées mais non utilisées.
why-objected = Vous vous y opposez.
why-objected-to-marketing = Vous vous opposez à la prospection directe.
why-opted-out = Vous avez refusé.
why-gpc = Votre navigateur dit : ne vendez ni ne partagez mes données.
why-channel-unconfirmed = L’adresse ou le numéro n’est pas confirmé.
why-recipient-declined = Vous ne voulez pas que ce destinataire ait vos données.
why-subject-unknown = Vous ne l’avez pas permis.

chose-given = Vous avez dit oui
chose-refused = Vous avez dit non
chose-withdrawn = Vous avez retiré un oui
chose-objected = Vous vous êtes opposé
chose-objection-ended = Vous avez mis fin à une opposition
chose-objection-lifted = Une opposition a été écartée
chose-opted-out = Vous avez refusé
chose-opted-in = Vous avez accepté
chose-signal-seen = Votre navigateur a envoyé un signal
chose-age-stated = Vous avez indiqué votre âge
chose-region-stated = Vous avez indiqué où vous habitez
chose-restricted = Vous avez limité l’usage de vos données
chose-restriction-lifted = Une limitation a été levée
chose-address-confirmed = Vous avez confirmé une adresse ou un numéro
chose-address-changed = Une adresse ou un numéro a changé
chose-recipient-declined = Vous avez refusé un destinataire
chose-recipient-accepted = Vous avez accepté un destinataire
chose-notice-shown = Une information vous a été présentée
chose-joined = Ce que vous aviez choisi avant de vous connecter vous a été rattaché
chose-deceased = Un décès a été signalé
chose-not-deceased = Un signalement de décès a été retiré

## Télécharger
download-lead = Le fichier est fait aussitôt. Il contient des données personnelles : gardez-le là où vous seul pouvez le lire.
download-access = Tout ce que nous détenons
download-access-text = Toutes les valeurs avec leur historique, vos choix, chaque utilisation, à quoi elles servent et qui d’autre reçoit des données.
download-portability = Ce que vous nous avez donné, pour l’emporter ailleurs
download-portability-text = Ce que vous nous avez dit et ce qui est né de l’usage de nos services, dans leur état actuel, sous une forme que d’autres logiciels lisent.
download-file = vos-donnees
download-html = Page à lire ou imprimer
download-csv = Tableau (CSV)
download-json = Fichier pour logiciels (JSON)
document-title-access = Tout ce qui est détenu à votre sujet
document-title-portability = Ce que vous nous avez donné
document-made = Fait le {$moment} par {$controller}.
document-choices = Ce que vous avez choisi
document-uses = Comment vos données ont été utilisées
document-purposes = À quoi servent vos données
document-recipients = Qui d’autre reçoit des données
document-column-when = Quand
document-column-who = Qui
document-column-answer = Réponse
document-column-where = Où
document-country = Pays : {$country}
origin-banner = Dans le bandeau de notre site
origin-portal = Dans ce portail
origin-mail = Par un lien dans un message
origin-phone = Par téléphone
origin-till = En magasin
origin-paper = Sur papier
origin-staff = Avec notre personnel
origin-api = Avec un de nos logiciels
origin-import = Repris d’un système plus ancien

## Effacer
erase-lead = Voici ce qui se passerait si vous effaciez tout maintenant. Rien n’a encore été fait.
erase-goes = Ce qui part
erase-goes-lead = Cela devient aussitôt illisible, car les clés en sont détruites. Personne ne peut le faire revenir, nous non plus.
erase-goes-line = { $items ->
    [0] {$what}
    [one] {$what} : un élément
   *[other] {$what} : {$items} éléments
 }
erase-goes-identifiers = { $count ->
    [one] Une adresse ou un numéro par lequel nous vous connaissons
   *[other] {$count} adresses et numéros par lesquels nous vous connaissons
 }
erase-goes-history = { $count ->
    [one] Le lien entre vous et une ligne du registre
   *[other] Le lien entre vous et {$count} lignes du registre
 }
erase-stays = Ce qui doit rester, et pourquoi
erase-stays-none = Rien ne reste.
erase-column-what = Quoi
erase-column-why = Pourquoi
erase-column-until = Jusqu’au
stays-evidence = La preuve de vos choix et de vos demandes
stays-duty = Ce qu’une loi nous oblige à conserver
stays-tombstone = Une marque, lisible par personne, qui empêche une ancienne copie de vous faire réapparaître
stays-suppression = Une marque, lisible par personne, pour que personne ne vous écrive de nouveau
erase-cannot = Cela ne peut pas être annulé
erase-cannot-text = Commandes, historique et choix disparaissent aussi pour vous. Téléchargez d’abord vos données si vous voulez les garder.
erase-begin = Tout effacer
erase-denied = L’effacement n’est pas possible maintenant
erase-code-title = Tout effacer ?
erase-code-lead = Pour être sûrs que c’est vous, nous avons envoyé un nouveau code à votre adresse e-mail. Il est valable {$minutes} minutes.
erase-sure = Tout effacer pour de bon
erased-title = Vos données sont effacées
erased-lead = Vous êtes déconnecté, et rien de ce qui est parti ne peut plus être ouvert.
erased-entry = Numéro de l’effacement, si vous devez un jour vous y référer
