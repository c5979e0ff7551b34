# Letters by e-mail.

mail-signature = This letter was sent by {$controller}.
