"""Typesetting (排版): documents as PDF by typst, with the bundled Chinese font.

Satisfies: contracts.ports.Typesetter.
Needs: nothing of the machine: the font lies in `data/`, more of them in `fonts/` of the home.
Never: prints an empty box where a character is missing; renders the same input to other bytes.
Read first: pages.py.
"""

from loanops.adapters.typesetting.pages import TypstPages

__all__ = ["TypstPages"]
