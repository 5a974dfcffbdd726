"""Grants of borrowers' accounts."""

# Of whoever stands at the door: to be sent a code and to use it.
ENTER = "borrowers.enter"
# Of whoever signed in, for the own account.
OWN = "borrowers.own"
