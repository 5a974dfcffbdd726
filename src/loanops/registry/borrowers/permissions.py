"""Grants of borrowers' accounts."""

# Of whoever stands at the door: to be sent a code and to use it.
ENTER = "borrowers.enter"
# Of the job that removes what is of no use any more.
FORGET = "borrowers.forget"
# Of whoever signed in, for the own account.
OWN = "borrowers.own"
