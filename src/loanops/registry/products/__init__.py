"""Products (产品): versions with effective dates, rate and fee cards, allocation order.

Owns: Product, ProductVersion.  Answers: queries.  Obeys: operations.
Never: computes an instalment (the kernel does); changes a version once published.
Read first: domain/card.py.
"""
