"""Work (业务单元): change, witness, announcement and jobs in one transaction.

Owns: no table.  Obeys: unit_of_work.
Never: commits a change without an audit entry.
Read first: unit.py.
"""

from loanops.platform.work.unit import NoWitness, Work, once_more, unit_of_work

__all__ = ["NoWitness", "Work", "once_more", "unit_of_work"]
