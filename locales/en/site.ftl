# What a site shows: the banner and the preference page.

site-preferences-name = Your privacy choices
