# The customer portal.

portal-name = Your data
