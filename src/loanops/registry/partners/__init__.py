"""Partners (合作方): funders, guarantors, insurers, payment companies, channels, agencies.

Owns: Partner, Agreement, AgreementVersion, WhitelistEntry.
Answers: queries.  Obeys: operations.  Announces: events.
Never: calls a partner (an adapter does); changes the terms of a version once signed.
Read first: domain/terms.py.
"""
