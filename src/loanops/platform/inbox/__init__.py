"""Inbox (收件箱): everything from outside is said once and its answer kept.

Owns: Answer, Notification.  Obeys: once, keep.
Never: gives two effects to one key, or one effect to two contents.
Read first: operations.py.
"""
