"""The staff console (工作台): server-rendered pages for the people who run the operation.

Each page asks queries as the person who looks; each form gives one order to one room. The inside:
``urls`` is the table of contents, ``pages/<room>`` answers, ``forms/<room>`` reads what was typed.
Read first: pages/shell.py.
"""
