"""Parties (客户): the customer file of one book: identity, contacts, region, work and income.

Owns: Party, NameToken.  Answers: queries (cards are masked; duplicates are explained).
Obeys: operations.register_many, change_mobile.  Announces: nothing yet.
Never: knows an application or a loan; holds a name, number or address in clear.
Read first: domain/identity.py, then domain/matching.py.
"""
