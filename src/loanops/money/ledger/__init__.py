"""Ledger (账本): double entry, append-only, one chart of accounts per book.

Owns: Account, Journal, Entry, Balance (snapshots) and Unfolded (journals not yet in a snapshot).
Answers: trial_balance, entries_of, balance_of, chart.  Obeys: post, post_many, fold.
Announces: nothing; whoever posts announces what happened.
Never: knows why money moved; changes or removes what was posted (a correction is a new journal).
Read first: models.py (an entry holds both legs, so it cannot be out of balance).
"""
