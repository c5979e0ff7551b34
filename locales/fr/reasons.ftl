# Pourquoi l'accès est refusé, et ce qui le permettrait. Simple, court, sans reproche.
# Une paire par constat : finding-CODE et finding-CODE-remedy.

## Déclaration
finding-purpose-undeclared = L’entreprise n’a pas déclaré cette finalité.
finding-purpose-undeclared-remedy = Déclarez la finalité dans le manifeste et appliquez-le.
finding-category-undeclared = La finalité n’a pas besoin de ce type de données.
finding-category-undeclared-remedy = Demandez sans ces données, ou déclarez dans le manifeste pourquoi la finalité en a besoin.
finding-action-outside-purpose = La finalité ne couvre pas cette action.
finding-action-outside-purpose-remedy = Utilisez une finalité prévue pour cela ; entraîner un modèle est une finalité à part.

## Information
finding-not-disclosed = Les personnes ne sont pas informées de cette finalité.
finding-not-disclosed-remedy = Donnez à la finalité un titre et une explication dans le manifeste.

## Droit
finding-basis-impossible = La base légale indiquée ne convient pas à ce type de finalité.
finding-basis-impossible-remedy = Indiquez une base qui convient ; pour une finalité facultative, c’est le consentement.
finding-balancing-test-missing = L’intérêt légitime est invoqué, mais la mise en balance manque.
finding-balancing-test-missing-remedy = Réalisez la mise en balance et citez-la dans le manifeste, ou demandez le consentement.
finding-loosening-unnamed = Une règle plus souple est invoquée sans citer la loi qui la fonde.
finding-loosening-unnamed-remedy = Citez la loi dans le manifeste, ou demandez le consentement.
finding-special-category = Ces données sont particulièrement protégées et la base indiquée ne suffit pas.
finding-special-category-remedy = Demandez à la personne son consentement explicite.
finding-law-prohibits = Une loi interdit cette utilisation, quoi que la personne accepte, sauf si l’un des motifs qu’elle nomme s’applique.
finding-law-prohibits-remedy = Lisez l’article ; sans l’un de ses motifs, cette utilisation n’est pas possible.
finding-law-asks-consent = Une loi demande ici le consentement de la personne, et la base indiquée n’en tient pas lieu.
finding-law-asks-consent-remedy = Indiquez le consentement comme base sous cette loi, et demandez à la personne.
finding-law-asks-form = Une loi demande un consentement sous une forme qui n’a pas été donnée.
finding-law-asks-form-remedy = Recueillez le consentement sous la forme que l’article demande, par exemple signé ou donné par un parent.
finding-loosening-unreviewed = La base indiquée s’appuie sur une loi que personne n’a vérifiée pour ce responsable.
finding-loosening-unreviewed-remedy = Faites vérifier les règles de cette loi et signez-les dans le manifeste ; d’ici là, demandez le consentement.
finding-loosening-unfit = La base indiquée ne nomme aucune règle d’une loi qui s’applique à cette personne.
finding-loosening-unfit-remedy = Nommez la règle invoquée dans le manifeste, ou demandez le consentement de la personne.
finding-customer-evidence-missing = Il manque une preuve pour appliquer la règle sur ses propres clients.
finding-customer-evidence-missing-remedy = Montrez une vente par le même vendeur, d’un produit similaire, avec un refus proposé à ce moment ; ou demandez le consentement.

## Situation de la personne
finding-subject-unknown = Personne n’est connu ici sous cette donnée, ou la personne ne le permet pas.
finding-subject-unknown-remedy = Demandez son accord à la personne et enregistrez-le ici.
finding-erased = Cette personne a été effacée.
finding-erased-remedy = Rien ne le permet. Seule la personne peut revenir, par un acte de sa part.
finding-deceased = Cette personne est décédée.
finding-deceased-remedy = Seules la succession et les obligations légales peuvent encore être servies.
finding-restricted = La personne a demandé la limitation de ces données : elles sont conservées, mais pas utilisées.
finding-restricted-remedy = Attendez la levée de la limitation, ou demandez l’accord de la personne.
finding-consent-of-child = La personne est trop jeune pour consentir seule.
finding-consent-of-child-remedy = Rien ne le permet encore : un parent doit donner son accord.
finding-minor = Les données des mineurs ne servent pas à la publicité, à la vente ni au partage.
finding-minor-remedy = Rien ne le permet avant la majorité de la personne.
finding-consent-missing = La question n’a pas été posée à la personne, ou elle n’a pas répondu.
finding-consent-missing-remedy = Demandez le consentement de la personne.
finding-consent-unsettled = Deux comptes de cette personne ont été réunis et disent des choses différentes.
finding-consent-unsettled-remedy = Posez de nouveau la question à la personne.
finding-consent-pending = La personne a dit oui, mais n’a pas confirmé l’adresse ou le numéro.
finding-consent-pending-remedy = Attendez la confirmation, ou renvoyez le lien une fois.
finding-consent-refused = La personne a dit non.
finding-consent-refused-remedy = Seule la personne peut changer cela, en disant oui.
finding-consent-withdrawn = La personne a retiré son consentement.
finding-consent-withdrawn-remedy = Seule la personne peut changer cela, en disant de nouveau oui.
finding-objected = La personne s’oppose à cette finalité.
finding-objected-remedy = Consignez un motif impérieux qui prévaut sur l’opposition, ou arrêtez.
finding-objected-to-marketing = La personne s’oppose à la prospection.
finding-objected-to-marketing-remedy = Seule la personne peut changer cela. Aucun motif de l’entreprise ne le peut.
finding-opted-out = La personne a exercé son droit de refus.
finding-opted-out-remedy = Seule la personne peut changer cela, en acceptant de nouveau.
finding-gpc = Le navigateur demande de ne pas vendre ni partager les données (Global Privacy Control).
finding-gpc-remedy = Seule la personne peut changer cela, en désactivant le signal et en acceptant.

## Canal
finding-channel-missing = Un message a besoin d’un canal.
finding-channel-missing-remedy = Indiquez par quel canal part le message.
finding-channel-undeclared = La finalité n’utilise pas ce canal.
finding-channel-undeclared-remedy = Utilisez un autre canal, ou déclarez celui-ci dans le manifeste.
finding-channel-unconfirmed = L’adresse ou le numéro n’est pas confirmé.
finding-channel-unconfirmed-remedy = Laissez la personne confirmer l’adresse ou le numéro.
finding-suppressed = Cette adresse ou ce numéro ne doit pas être contacté.
finding-suppressed-remedy = Seule la personne peut changer cela, par un acte de sa part.

## Destinataire
finding-recipient-missing = Des données devaient être partagées, mais aucun destinataire n’est nommé.
finding-recipient-missing-remedy = Nommez le destinataire.
finding-recipient-undeclared = La finalité ne nomme pas ce destinataire.
finding-recipient-undeclared-remedy = Déclarez le destinataire pour cette finalité dans le manifeste.
finding-contract-missing = Aucun contrat en vigueur avec ce destinataire.
finding-contract-missing-remedy = Concluez le contrat et déclarez-le dans le manifeste.
finding-contract-expired = Le contrat avec ce destinataire a pris fin.
finding-contract-expired-remedy = Renouvelez le contrat et déclarez-le dans le manifeste.
finding-recipient-declined = La personne ne veut pas que ce destinataire ait ses données.
finding-recipient-declined-remedy = Faites sans ce destinataire. Seule la personne peut changer cela.

## Conservation
finding-retention-over = La durée de conservation de ces données est écoulée.
finding-retention-over-remedy = Effacez-les.

## Qui demande
finding-service-unknown = Le manifeste ne nomme pas ce service.
finding-service-unknown-remedy = Déclarez le service dans le manifeste.
finding-service-not-allowed = Ce service ne peut pas demander cette finalité ou cette action.
finding-service-not-allowed-remedy = Autorisez-le dans le manifeste, si c’est nécessaire.
finding-role-unknown = Le manifeste ne nomme pas ce rôle.
finding-role-unknown-remedy = Déclarez le rôle dans le manifeste.
finding-role-not-allowed = Ce rôle ne peut pas demander cette finalité, cette action ou ces données.
finding-role-not-allowed-remedy = Adressez-vous à un collègue dont le rôle le couvre.
finding-reason-missing = Un motif et un ticket sont nécessaires.
finding-reason-missing-remedy = Donnez l’un des motifs de votre rôle, et le ticket.
finding-actor-not-allowed = Cette finalité n’est pas ouverte à celui qui demande.
finding-actor-not-allowed-remedy = Demandez sous une finalité qui vous est ouverte.

## La réponse
answer-granted = Permis
answer-denied = Refusé
answer-observed = Serait refusé

## Pourquoi des données limitées ont pu être utilisées quand même
exception-storage = Elles sont seulement conservées.
exception-person-asks = La personne l’a demandé.
exception-person-agrees = La personne a donné son accord.
exception-legal-claims = C’est nécessaire pour un droit en justice.
exception-anothers-rights = Cela protège les droits d’une autre personne.
exception-public-interest = Un intérêt public important l’exige.

## Où en est un consentement
consent-unasked = Non demandé
consent-pending = En attente de confirmation
consent-given = Donné
consent-unsettled = À redemander
consent-refused = Refusé
consent-withdrawn = Retiré
