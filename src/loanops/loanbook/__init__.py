"""Loan book: what happens to a loan after the money has left."""
