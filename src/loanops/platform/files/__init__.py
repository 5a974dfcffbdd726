"""Files (文件): bytes kept once by content, described by a row.

Owns: StoredFile.  Answers: queries.  Obeys: operations.store.
Never: uses a client's file name in a path; serves a type it did not recognise.
Read first: operations.py.
"""
