"""The outside world, played by us: banks that lend, and a market of people who borrow.

Owns: its own process, database, keys and signer; the truth about what a bank really paid.
Answers: the funder protocol (docs/reference/funder-protocol.md) over HTTP.
Never: imports anything of loanops but the kernel, nor is imported by it.
Read first: wire.py, then bank/dispatch.py.
"""
