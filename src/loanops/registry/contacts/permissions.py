"""Grants of contacts."""

VIEW = "contacts.view"
# Lent by the rooms that have something to say to a person.
SEND = "contacts.send"
# Of the job that hands messages over.
CARRY = "contacts.carry"
