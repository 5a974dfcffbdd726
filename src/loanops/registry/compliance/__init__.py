"""Compliance (合规): law as dated data, consents, recorded decisions, and the answer to "may we?".

Owns: Consent, Decision, ReferenceRate; the rule packs and consent wordings in data/.
Answers: queries.  Obeys: operations.  Announces: events.
Never: changes what others own; keeps a figure of law anywhere but in a pack.
Read first: domain/packs.py, then data/packs/cn.toml.
"""
