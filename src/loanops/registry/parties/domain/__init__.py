"""Rules of the customer file: identity numbers, mobiles, names, and who is the same person."""
