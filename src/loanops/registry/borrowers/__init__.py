"""Borrowers (借款人账户): who signs in by a mobile, and which person of the customer file that is.

Owns: Account, Code (one-time), Session, Draft (typed and not yet sent).
Answers: queries (who a session is; the owner's own draft).
Obeys: operations.send_code, sign_in, sign_out(_everywhere), claim, keep_draft, drop_draft,
forget_codes.
Announces: nothing yet.
Never: tells whether a mobile is known; opens a person's rows to a mobile that is not in the
customer file; keeps a code, a token or a draft in clear.
Read first: domain/rules.py, then operations/entering.py.
"""
