"""Contracts (合同): offers, disclosure statements, contracts, signatures.

Owns: Offer, Disclosure, Contract, Signature; the document template in data/templates.
Answers: queries.  Obeys: operations.  Announces: events.
Needs: ports.Typesetter (how a document becomes a PDF).
Never: moves money; chooses a funder; lets anybody sign what was not disclosed and read.
Read first: domain/lifecycle.py, then domain/statement.py.
"""
