"""Contacts (触达): the one gate for what the house sends to people; today short messages.

Owns: Message.  Answers: queries (recipients are masked, texts are not kept).
Obeys: operations.send, carry.  Announces: nothing yet.
Never: keeps a code readable; sends the same serial with another text; takes silence for failure.
Sends only what a person asked for that moment: a kind that needs a consent brings its gate along.
Read first: domain/lifecycle.py, then data/templates.toml.
"""
