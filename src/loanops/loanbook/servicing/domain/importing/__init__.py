"""Importing (迁移): running loans of another system, with their balances at a cut-off date.

Read first: ``fields`` (what a map may say), then ``loans`` (what a row becomes).
"""
