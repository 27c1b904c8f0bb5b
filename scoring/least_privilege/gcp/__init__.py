"""GCP: what roles allow, what of it is used, what to take away, and who gets more than his own.

roles            the pinned table of predefined roles and their permissions, as bit sets
escalation       permissions that amount to administration, as data
privilege        the verdict on a set of grants
names            permissions as bits, and what each weighs
effective        what an identity holds on a place: roles there and above, deny policies, conditions
holdings         an identity's grants and what was watched of them, from the tables of `main`
grant_use        which permissions of each grant are used
replacement      what to put in place of a grant
standing         what ought to be done about an identity
use, propose     the two questions that every provider answers; files and places write what a reviewer applies
methods, edges   ways to more privilege (paths.toml), and the single steps of one identity
paths            escalation paths: steps and chains, written to the table `escalation`
"""
