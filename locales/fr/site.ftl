# Ce que montre un site : le bandeau et la page des préférences.

site-preferences-name = Vos choix
