"""Database (数据库): the set-based verbs that speak to SQLite and PostgreSQL alike.

Owns: no table.  Answers: fetch, vendor.  Obeys: insert_many, update_many, upsert_many,
insert_from, execute, lock, new_number(s).
Never: knows a business word. Vendor SQL lives here and nowhere else.
Read first: verbs.py.
"""

from loanops.platform.db.numbers import new_number, new_numbers
from loanops.platform.db.verbs import (
    execute,
    fetch,
    insert_from,
    insert_many,
    lock,
    update_many,
    upsert_many,
    vendor,
)

__all__ = [
    "execute",
    "fetch",
    "insert_from",
    "insert_many",
    "lock",
    "new_number",
    "new_numbers",
    "update_many",
    "upsert_many",
    "vendor",
]
