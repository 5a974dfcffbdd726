"""Web (网页公用): what every window needs: logs, metrics, the words of a refusal, formats.

Owns: no table.  Answers: translated refusals, formatted money and dates.
Never: knows a page or a room above the platform.
Read first: middleware.py.
"""
