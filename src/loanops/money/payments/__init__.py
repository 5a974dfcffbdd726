"""Payments (收付): money that comes in by channels, and the debit orders that ask for it.

Owns: Receipt, Return, Refund, DebitPolicy, DebitOrder, DebitFile, AnswerFile.
Answers: get_receipt, list_unapplied, list_refunds, list_orders, get_file, policies_on.
Obeys: receive, allocate, set_debit_policy, order_debits_from, stop_debits, send_debit_file,
take_debit_results, take_answer_file, take_return_file, return_receipt, request_refund.
Announces: payments.debits_collected, payments.debit_returned, payments.refund_sent.
Never: decides what is due; calls a partner but through its port, and never inside a transaction.
Read first: domain/debits.py.
"""
