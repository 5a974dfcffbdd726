"""Parameters (运行参数): runtime values as dated rows with a witness.

Owns: Parameter.  Answers: queries.value_on.  Obeys: operations.set_parameter.
Never: edits a row; a new value is a new row with its first day.
Read first: catalogue.py.
"""
