"""Sheets (表格文件): files of rows that others made, read cell by cell and never trusted.

Owns: nothing; it keeps no row.  Answers: opening.open_sheet, columns.column_rule and read_cell;
writing.csv_of and xlsx_of.  Never: guesses a value; takes a missing cell for zero; knows what the
rows are for.
Read first: opening.py, then cells.py.
"""
