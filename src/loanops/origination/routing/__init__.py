"""Routing (资金路由): which funder lends, the handshake with it, and every payout intent.

Owns: RoutingDecision and Exclusion (each choice explained), Attempt (one funder asked), Signing
(one session on a funder's page), PayoutIntent (the only table a payout can start from).
Answers: get_decision, list_attempts, list_intents, exceptions, what is unknown and since when.
Obeys: route, start_signing, settle_signing, draw_down, resolve, take_callback,
compare_schedules and their twins.
Announces: routing.approved, routing.refused, routing.disbursed (and batches).
Never: pays before contracts says signed; reroutes or resends an unknown payout; believes a
callback without asking back.
Read first: domain/lifecycle.py, then domain/eligibility.py.
"""
