"""Database (数据库): the set-based verbs that speak to SQLite and PostgreSQL alike.

Owns: no table.  Answers: fetch, for_change, vendor.  Obeys: insert_many, update_many,
upsert_many, insert_from, write, execute, together, lock, hold_shared, hold_alone, take_ids,
new_number(s), is_of, between.
Never: knows a business word. Vendor SQL lives here and nowhere else.
Read first: verbs.py.
"""

from loanops.platform.db.holding import hold_alone, hold_shared
from loanops.platform.db.numbers import HEAD_LETTERS, between, is_of, new_number, new_numbers
from loanops.platform.db.verbs import (
    execute,
    fetch,
    for_change,
    insert_from,
    insert_many,
    lock,
    take_ids,
    together,
    update_many,
    upsert_many,
    vendor,
    write,
)

__all__ = [
    "HEAD_LETTERS",
    "between",
    "execute",
    "fetch",
    "for_change",
    "hold_alone",
    "hold_shared",
    "insert_from",
    "insert_many",
    "is_of",
    "lock",
    "new_number",
    "new_numbers",
    "take_ids",
    "together",
    "update_many",
    "upsert_many",
    "vendor",
    "write",
]
