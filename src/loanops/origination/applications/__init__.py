"""Applications (进件): the borrower's request, from draft to its end.

Owns: Application, Passage (its transition log), Document, ChecklistItem.
Answers: queries.  Obeys: operations (a verdict is ordered into it).
Announces: submitted, approved, declined, referred, withdrawn (and batch forms).
Never: judges credit (decisioning), chooses a funder (routing), holds a person (parties).
Read first: domain/lifecycle.py, then domain/mapping.py for files.
"""
