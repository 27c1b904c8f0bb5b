"""IAM conditions: which of them a caller must meet, and whether those keep strangers out. Nothing is known here of where a policy hangs.

A condition that a request without the key meets (`…IfExists`, `ForAllValues:`, every negative operator) demands nothing of a stranger.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from collectors.aws.common import parse_arn, texts
from collectors.records import listed

OPPOSITE = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
    "notipaddress": "ipaddress",
}
POSITIVE = frozenset(OPPOSITE.values())


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Condition:
    """One key of a Condition block. All conditions of a statement must hold; of the values of one, any."""

    operator: str
    """Lower case, without `ForAnyValue:` and `IfExists`."""
    quantifier: str
    """foranyvalue, forallvalues or empty."""
    if_exists: bool
    key: str
    """Lower case."""
    values: tuple[str, ...]

    @property
    def met_without_key(self) -> bool:
        return self.if_exists or self.quantifier == "forallvalues"


Demands = Mapping[str, Sequence[tuple[str, ...]]]
"""By key: the value sets that a caller must match, each of them."""


def parse_conditions(raw: Any) -> tuple[Condition, ...]:
    """The conditions of a statement. Raises ValueError for what is no Condition block."""
    if raw is None:
        return ()
    if not isinstance(raw, dict) or not all(isinstance(block, dict) for block in raw.values()):
        raise ValueError("a Condition of the policy is not an object of objects")
    found = []
    for operator, block in raw.items():
        quantifier, _, plain = operator.lower().rpartition(":")
        for key, values in block.items():
            found.append(
                Condition(
                    operator=plain.removesuffix("ifexists"),
                    quantifier=quantifier,
                    if_exists=plain.endswith("ifexists"),
                    key=key.lower(),
                    values=texts([str(value).lower() if isinstance(value, bool | int) else value for value in listed(values)]),
                )
            )
    return tuple(sorted(found))


def demands(conditions: Iterable[Condition]) -> Demands:
    """What a caller must bring: positive conditions on keys that cannot be left out."""
    conditions = tuple(conditions)
    present = {condition.key for condition in conditions if condition.operator == "null" and set(condition.values) == {"false"}}
    present |= {condition.key for condition in conditions if condition.operator in POSITIVE and not condition.met_without_key}
    found: dict[str, list[tuple[str, ...]]] = {}
    for condition in conditions:
        if condition.operator in POSITIVE and (condition.key in present or not condition.met_without_key):
            found.setdefault(condition.key, []).append(condition.values)
    return found


def has_wildcard(value: str) -> bool:
    return "*" in value or "?" in value


def _exact(value: str) -> bool:
    """One value, neither a pattern nor a policy variable that a stranger fills."""
    return bool(value) and not has_wildcard(value) and "${" not in value


def _account(value: str) -> bool:
    return _exact(value) or value.lower() == "${aws:resourceaccount}"


def _organization(value: str) -> bool:
    return _exact(value) or value.lower() == "${aws:resourceorgid}"


def _path(value: str) -> bool:
    return _organization(value.split("/", 1)[0])


def _arn(value: str) -> bool:
    """An ARN of one account, or, where ARNs of the service name no account, of one bucket."""
    arn = parse_arn(value)
    if arn is None or _exact(value):
        return _exact(value)
    return _account(arn.account) if arn.account else _exact(arn.resource.split("/", 1)[0])


def _unique_id(value: str) -> bool:
    return _exact(value) or bool(re.match(r"A[A-Z0-9]{15,}|\d{12}", value))


def _network(value: str) -> bool:
    """A range that is not a good part of the internet: AWS calls a bucket public that is open to 0.0.0.0/1."""
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return network.prefixlen >= (8 if network.version == 4 else 16)


TIES: Mapping[str, Callable[[str], bool]] = {
    "aws:principalaccount": _account,
    "aws:sourceaccount": _account,
    "aws:sourceowner": _account,
    "aws:vpceaccount": _account,
    "kms:calleraccount": _account,
    "s3:dataaccesspointaccount": _account,
    "aws:principalorgid": _organization,
    "aws:sourceorgid": _organization,
    "aws:vpceorgid": _organization,
    "aws:principalorgpaths": _path,
    "aws:sourceorgpaths": _path,
    "aws:vpceorgpaths": _path,
    "aws:principalarn": _arn,
    "aws:sourcearn": _arn,
    "s3:dataaccesspointarn": _arn,
    "aws:userid": _unique_id,
    "aws:sourcevpc": _exact,
    "aws:sourcevpce": _exact,
    "aws:principalservicename": _exact,
    "aws:sourceip": _network,
}
"""Keys that tie a caller to someone known, and what a value must be for that. Not among them, because a stranger can bring the value:
aws:SecureTransport, aws:Referer, aws:UserAgent, aws:username and aws:PrincipalTag of the stranger's own account, aws:CalledVia, kms:ViaService.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"""

JUDGED_PREFIXES = ("aws:", "s3:", "sts:", "saml:", "lambda:functionurlauthtype", "lambda:invokedviafunctionurl")
"""Keys whose meaning is known here: what is not in TIES keeps nobody out. Keys of other services are not judged."""


def ties(demanded: Demands, keys: Iterable[str] = TIES) -> list[str]:
    """The demanded keys that let only known callers through."""
    return [key for key in keys if any(values and all(TIES[key](value) for value in values) for values in demanded.get(key, ()))]


def is_judged(conditions: Iterable[Condition]) -> bool:
    """False when a key that we do not know might keep strangers out."""
    return all(condition.key.startswith(JUDGED_PREFIXES) for condition in conditions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """What the Deny statements of a policy leave of one of its Allow statements."""

    closed: bool = False
    """Nothing is left."""
    conditions: tuple[Condition, ...] = ()
    """What a caller must meet as well."""
    doubtful: bool = False
    """A Deny takes something away that is not decided here."""


def narrowing(denies: Iterable[tuple[Mapping[str, Any], bool | None]]) -> Narrowing:
    """Joined effect of Deny statements, each with whether it covers the Allow: wholly, in part (None), or not at all. Raises ValueError."""
    added: list[Condition] = []
    doubtful = False
    for statement, covers in denies:
        left = _left_by(statement) if covers is not False else ()
        if left == ():
            continue
        if covers is None or left is None:
            doubtful = True
        elif left == CLOSED:
            return Narrowing(closed=True)
        else:
            added.extend(left)
    return Narrowing(conditions=tuple(sorted(added)), doubtful=doubtful)


CLOSED = (Condition(operator="closed", quantifier="", if_exists=False, key="", values=()),)


def _left_by(statement: Mapping[str, Any]) -> tuple[Condition, ...] | None:
    """Conditions that who is not denied meets; () when it denies nobody in particular, None when that is not decided here.

    `Deny * unless StringNotEquals aws:PrincipalOrgID o-1` leaves those for whom StringEquals holds.
    """
    if "NotPrincipal" in statement:
        return None
    if not everyone(statement.get("Principal")):
        return ()
    conditions = parse_conditions(statement.get("Condition"))
    # AWS's own services are often exempt; what they may do is said by the Allow.
    asked = [condition for condition in conditions if (condition.key, condition.values) != ("aws:principalisawsservice", ("false",))]
    if not asked:
        return CLOSED
    if not any(condition.key in TIES or condition.key.endswith(":sub") for condition in asked):
        return ()  # such as a Deny of plain HTTP: it sorts requests, not callers
    if ties(demands(asked)):
        return ()  # it shuts out callers it names; strangers are not among them
    left = [_opposite(condition) for condition in asked]
    kept = [condition for condition in left if condition is not None]
    if len(kept) < len(left):
        return None
    if len(kept) > 1 and not all(ties(demands([condition])) for condition in kept):
        return None
    return tuple(kept[:1])  # of several, one is met: when all tie the caller, the first stands for them


def _opposite(condition: Condition) -> Condition | None:
    """The positive condition that everyone meets whom a Deny with this one spares."""
    if condition.operator not in OPPOSITE or condition.quantifier == "foranyvalue":
        return None
    return Condition(operator=OPPOSITE[condition.operator], quantifier="", if_exists=False, key=condition.key, values=condition.values)


def everyone(principal: Any) -> bool:
    """Principal `*`, in whatever dress."""
    if isinstance(principal, dict):
        return any("*" in listed(names) for names in principal.values())
    return bool(principal == "*")
