"""Webhooks (事件推送): announced events, signed and posted to those who subscribed.

Owns: Subscription, Posting.  Answers: queries.  Obeys: operations; reacts to every event.
Never: posts to an address inside the network, follows a redirect, or shows a secret twice.
Read first: reactions.py.
"""
