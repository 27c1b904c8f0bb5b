"""Snapshots to hand on: the same scores under other names. docs/redaction.md says what stays, what leaks and how to read it back.

key.py holds the key, vocabulary.* what stays, parts.py and pseudonyms.py how a text is rewritten, columns.py which rule a column has, estate.py the rows
of a snapshot, decisions.py what people decided, comparison.py whether the scores are the same, sealed.py the way back, workspace.py all of it.
"""
