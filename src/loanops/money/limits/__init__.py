"""Limits (额度): every ceiling on money, and what is reserved or used of it.

Owns: Quota (a ceiling of an owner), Bucket (its period with what is taken), Hold (one key's take).
Answers: headroom_of, states_of, list_quotas, list_holds.
Obeys: set_quota, freeze, unfreeze, reserve, use, release, give_back and their twins.
Announces: nothing; who reserves tells its own story.
Never: decides who deserves a limit, or how high it should be.
Read first: domain/filling.py, then operations/holds.py.
"""
