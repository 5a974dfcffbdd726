"""Decisioning (授信): strategies, scorecards, and verdicts with reasons that replay bit for bit.

Owns: StrategyVersion, Assignment (which strategy judges where, from when), Verdict.
Answers: get_strategy, list_strategies, strategy_in_force, get_verdict, verdicts_of, replay.
Obeys: decide(_many), review, publish_strategy, revise_scorecard, assign_strategy.
Announces: nothing; a verdict is ordered into applications, which tells it.
Never: changes an application except by ordering; approves where something is missing or broken.
Read first: domain/judging.py, then domain/gate.py and data/strategies/.
"""
