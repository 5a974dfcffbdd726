"""The borrower's portal (借款人端): from the first click to the repayment calendar, phone first.

Whoever signs in is an actor whose scope is the own person: each page asks queries with that actor,
each form gives one order to one room, and foreign numbers answer like missing ones. The inside is
that of the console: ``urls``, ``pages``, ``forms``, ``templates``, ``static``.
Read first: pages/shell.py.
"""
