"""Azure and Entra: what roles and application permissions allow.

roles, entra     the pinned tables of built-in roles and of application permissions
escalation       actions that amount to administration, as data
privilege        the verdict on a set of grants
"""
