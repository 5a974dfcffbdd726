"""Payments (收付): money that comes in by channels, and the debit orders that ask for it.

Owns: Receipt, DebitPolicy, DebitOrder, DebitFile.
Answers: get_receipt, list_orders, get_file, policies_on, unpaid_today.
Obeys: receive, allocate, set_debit_policy, order_debits_from, stop_debits, send_debit_file,
take_debit_results.
Announces: payments.debits_collected.
Never: decides what is due; calls a partner but through its port, and never inside a transaction.
Read first: domain/debits.py.
"""
