# Le portail des clients.

portal-name = Vos données
