# Lettres par courriel.

mail-signature = Ce message a été envoyé par {$controller}.
mail-greeting = Bonjour,
mail-code-subject = Votre code pour {$controller}
mail-code-text = Votre code est { $code }. Il sert une seule fois, pendant { $minutes } minutes.
mail-code-unasked = Si vous n’avez pas demandé de code, vous n’avez rien à faire : sans lui, personne ne peut se connecter. Ne le communiquez à personne ; nous ne vous le demanderons jamais.
