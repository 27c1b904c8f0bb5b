"""GCP: what roles allow.

roles            the pinned table of predefined roles and their permissions, as bit sets
escalation       permissions that amount to administration, as data
privilege        the verdict on a set of grants
"""
