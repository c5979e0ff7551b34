# Lettres par courriel.

mail-signature = Cette lettre a été envoyée par {$controller}.
