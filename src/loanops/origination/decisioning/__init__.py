"""Decisioning (授信): strategies, scorecards, and verdicts with reasons that replay bit for bit.

Owns: StrategyVersion, Assignment, Verdict.  Answers: queries (replay among them).
Obeys: operations.decide, review, publish_strategy, assign_strategy.
Announces: decided (and its batch form).
Never: changes an application except by ordering; approves where something is missing or broken.
Read first: domain/judging.py, then domain/gate.py and data/strategies/.
"""
