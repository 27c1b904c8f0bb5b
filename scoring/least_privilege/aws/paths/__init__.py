"""Privilege escalation: how an AWS principal gets more than its own permissions.

paths.toml   the 65 paths of the public catalogue and a few more, as data
catalogue    reads them
arns         many ARNs as a bit set: which of them a statement's resources are
access       what a set of policies allows on which ARNs: certainly, and possibly
estate       principals, trust, workloads, groups and keys of a database, as bit sets
questions    what it asks of the database, in SQL
openings     the paths that a principal's policies open, and over whom
search       who comes to administration by them, over how many others, and the shortest way
rows         a way in words
escalations  the table `escalation` of a database

Cost grows with distinct policy sets: masks over principals are found once a set and account, and a chain is a step of set algebra.
"""
