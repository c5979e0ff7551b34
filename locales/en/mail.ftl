# Letters by e-mail.

mail-signature = This message was sent by {$controller}.
mail-greeting = Hello,
mail-code-subject = Your code for {$controller}
mail-code-text = Your code is { $code }. It works once, for { $minutes } minutes.
mail-code-unasked = If you did not ask for a code, you need not do anything: without it nobody can sign in. Please tell it to nobody; we never ask for it.
