"""Servicing (贷后): the loan from disbursement to its end, and the close of a business day.

Owns: Loan and its events (append-only), the projection (Instalment, Loan's figures), Pool,
Change (the log of states and buckets), Restructuring (before and after), the daily accruals,
PaidOut (by agreement and year).
Answers: get_loan, list_loans, list_past_loans, get_schedule, as_of, events_of, changes_of, ageing,
list_dues, get_portfolio, cash_flow, static_pool, get_class, list_restructurings,
get_guarantee, list_ceilings, list_compensations_due.
Obeys: open_loan(s), repay(_many), allocate_receipts, change, ask_change, approve_change, close_day,
release, reclassify, pause_ageing, order_window, rebuild.
Announces: servicing.loan_opened(_many), .repaid(_many), .loan_changed, .rates_reset_many,
.overdue_many, .fell_due, .compensations_due_many,
.day_closed.
Never: calls a borrower; writes a projection but by `project` of a position.
Read first: domain/position.py (a loan's money), then operations/close.py (the day).
"""
