"""Products (产品): versions with effective dates, rate and fee cards, promotions on them.

Owns: Product, ProductVersion, Promotion, PromotionUse.  Answers: queries.  Obeys: operations.
Never: computes an instalment (the kernel does); changes a version once published.
Read first: domain/card.py, domain/promotion.py.
"""
