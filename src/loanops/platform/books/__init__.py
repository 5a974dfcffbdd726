"""Books (账套): legal entity, currency, zone, rule pack, business date, and the steps of its close.

Owns: Book, CloseStep.  Answers: queries.  Obeys: operations.  Announces: events.
Never: adds across currencies; moves a business date back.
Read first: models.py.
"""
