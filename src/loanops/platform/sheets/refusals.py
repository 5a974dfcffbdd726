"""The words in which a map, a file, a row or a cell is refused.

The codes keep the name of the room that said them first: programs of others know them.
"""

from __future__ import annotations

from loanops.kernel.refusals import Refusal


class ValueMissing(Refusal):
    code = "applications_value_missing"
    sentence = "{field} is empty and is needed; fill it in."
    status = 422


class NotANumber(Refusal):
    code = "applications_not_a_number"
    sentence = "{field}: {found} is not a plain number; write digits with at most one point."
    status = 422


class NotWhole(Refusal):
    code = "applications_not_whole"
    sentence = "{field}: {found} is finer than can be kept; write it with fewer decimals."
    status = 422


class OutOfRange(Refusal):
    code = "applications_out_of_range"
    sentence = "{field}: {found} is outside {least} to {most}."
    status = 422


class NotADate(Refusal):
    code = "applications_not_a_date"
    sentence = "{field}: {found} is not a date of the form {format}."
    status = 422


class NotAChoice(Refusal):
    code = "applications_not_a_choice"
    sentence = "{field}: {found} is not one of {choices}."
    status = 422


class TextTooLong(Refusal):
    code = "applications_text_too_long"
    sentence = "{field} has {length} characters; at most {limit} are taken."
    status = 422


class TextUnclean(Refusal):
    code = "applications_text_unclean"
    sentence = (
        "{field} holds a control character or bytes that are no text; save the file as UTF-8."
    )
    status = 422


class LooksLikeFormula(Refusal):
    code = "applications_looks_like_formula"
    sentence = "{field} begins like a spreadsheet formula; write the value itself."
    status = 422


class RowBroken(Refusal):
    code = "applications_row_broken"
    sentence = "The row has {found} cells and the header {expected}; check quotes and separators."
    status = 422


class RowUnreadable(Refusal):
    code = "applications_row_unreadable"
    sentence = "The row cannot be read: {problem}."
    status = 422


class FileUnreadable(Refusal):
    code = "applications_file_unreadable"
    sentence = "{file} cannot be read: {problem}."
    status = 400


class MapWrong(Refusal):
    code = "applications_map_wrong"
    sentence = "The map is wrong at {place}: {problem}."
    status = 400


class ColumnMissing(Refusal):
    code = "applications_column_missing"
    sentence = "The file has no column {column}, which the map names at {place}."
    status = 400


class ColumnTwice(Refusal):
    code = "applications_column_twice"
    sentence = "The file has the column {column} more than once, and the map names it at {place}."
    status = 400
