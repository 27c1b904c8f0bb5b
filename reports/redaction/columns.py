"""Which rule every text column has: data. A column without a rule is withheld, never passed through.

kind: stays where it is a value of an enumeration, else it is a name. name, titled, sentence, withheld, condition: see pseudonyms.py.
operation, role, document: see policies.py. source, evidence: a name that keeps its place in the order, since of two equal claims the rules
take the first. region, environment, service, action, policy (AWS's own too), granted_on: stay where they are public, else names. format: the
collectors' own word for a file, in lower case. Each is a function of estate.Rewriter.rules.
"""

from __future__ import annotations

RULES: dict[str, dict[str, str]] = {
    "source": {
        "source_id": "source", "collector": "kind", "format": "format", "scope": "name", "collected_basis": "kind", "status": "kind",
    },
    "run": {"source_id": "source", "input_sha256": "name"},
    "coverage": {"fact": "kind", "scope": "name", "status": "kind", "reason": "sentence", "evidence": "evidence"},
    "sighting": {"subject_kind": "kind", "subject_id": "name", "evidence": "evidence"},
    "account": {"scope": "name", "provider": "kind", "name": "name", "environment": "environment", "evidence": "evidence"},
    "alias": {"alias": "name", "identity_id": "name", "evidence": "evidence"},
    "identity": {
        "identity_id": "name", "provider": "kind", "scope": "name", "name": "name", "kind": "kind", "native_type": "kind", "human": "kind",
        "human_basis": "sentence", "scope_reason": "sentence", "status": "kind", "environment": "environment", "team": "name",
        "purpose": "withheld", "evidence": "evidence",
    },
    "credential": {
        "credential_id": "name", "identity_id": "name", "provider": "kind", "scope": "name", "name": "titled", "kind": "kind", "role": "kind",
        "native_id": "name", "fingerprint": "name", "storage": "kind", "storage_basis": "kind", "storage_evidence": "evidence",
        "store_id": "name", "isolation": "kind", "issuance": "kind", "last_used_service": "service", "status": "kind", "evidence": "evidence",
    },
    "entitlement": {
        "identity_id": "name", "document_id": "name", "via": "kind", "policy_name": "policy", "policy_id": "policy", "group_name": "name",
        "resource": "granted_on", "condition": "document", "evidence": "evidence",
    },
    "ceiling": {
        "scope": "name", "kind": "kind", "level": "name", "policy_id": "policy", "policy_name": "policy", "document_id": "name",
        "evidence": "evidence",
    },
    "resource_policy": {"resource_id": "name", "provider": "kind", "scope": "name", "document_id": "name", "evidence": "evidence"},
    "policy_document": {"document_id": "name", "document": "document"},
    "policy_permission": {
        "document_id": "name", "sid": "name", "effect": "kind", "action_pattern": "operation", "service": "service", "access_levels": "kind",
    },
    "trust": {
        "trust_id": "name", "identity_id": "name", "principal_kind": "kind", "principal": "name", "principal_scope": "name",
        "subject_pattern": "name", "audience": "name", "safety": "kind", "safety_reason": "sentence", "evidence": "evidence",
    },
    "federation": {
        "federation_id": "name", "provider": "kind", "scope": "name", "pool": "name", "name": "name", "kind": "kind", "issuer": "name",
        "audiences": "name", "condition": "condition", "safety": "kind", "safety_reason": "sentence", "status": "kind", "evidence": "evidence",
    },
    "workload": {
        "workload_id": "name", "provider": "kind", "scope": "name", "kind": "kind", "name": "name", "region": "region",
        "environment": "environment", "team": "name", "identity_id": "name", "env_names": "name", "evidence": "evidence",
    },
    "secret_store": {"store_id": "name", "provider": "kind", "scope": "name", "kind": "kind", "name": "titled", "evidence": "evidence"},
    "secret_exposure": {
        "exposure_id": "name", "scope": "name", "path": "name", "commit_sha": "name", "location_kind": "kind", "rules": "name",
        "credential_kind": "kind", "fingerprints": "name", "credential_id": "name", "author": "name", "state": "kind", "resolution": "kind",
        "validity": "kind", "evidence": "evidence",
    },
    "scan_target": {"target_id": "name", "kind": "kind", "evidence": "evidence"},
    "resource": {
        "resource_id": "name", "provider": "kind", "scope": "name", "kind": "kind", "name": "name", "environment": "environment", "team": "name",
        "public": "kind", "public_reason": "sentence", "evidence": "evidence",
    },
    "guardrail": {
        "guardrail_id": "name", "scope": "name", "kind": "kind", "name": "titled", "enforcement": "kind", "basis": "kind", "evidence": "evidence",
    },
    "usage": {"identity_id": "name", "service": "service", "action": "action", "evidence": "evidence"},
    "observation": {
        "identity_id": "name", "policy_id": "policy", "resource": "granted_on", "condition": "document", "used": "operation",
        "inferred": "operation", "evidence": "evidence",
    },
    "owner": {"owner_id": "name", "kind": "kind", "status": "kind", "evidence": "evidence"},
    "ownership": {"identity_id": "name", "owner_id": "name", "basis": "kind", "evidence": "evidence"},
}  # fmt: skip

WITHOUT = "withheld"
"""The rule of a column that has none."""


def rule_of(table: str, column: str) -> str:
    """The rule of a text column."""
    return RULES.get(table, {}).get(column, WITHOUT)
