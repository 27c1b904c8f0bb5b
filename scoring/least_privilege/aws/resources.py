"""How far the resources of a statement reach: over all objects of a kind, over each other, over another statement's.

Works on the text of ARN patterns alone and answers on the safe side: `covers` is true only when it is certain, `overlaps` is
false only when it is certain.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from scoring.least_privilege.aws.patterns import doubtful_type


class Reach(Enum):
    """How many of an account's users, groups, roles or policies a statement speaks of."""

    ALL = "all"
    SOME = "some"
    """Those that match a wildcard; how many that is, nobody said."""
    NAMED = "named"
    """Only objects named in full."""
    OWN = "own"
    """The calling user alone, by `${aws:username}`."""
    NONE = "none"


class Resources(NamedTuple):
    """`Resource`, or with `negated` `NotResource`."""

    patterns: tuple[str, ...]
    negated: bool

    @property
    def everything(self) -> bool:
        """`*`; NotResource counts too."""
        return self.negated or any(pattern.strip("*") == "" and pattern for pattern in self.patterns)


PROBE = "nhi-probe-6f1d0c/a-name-nobody-uses-6f1d0c"


@lru_cache(maxsize=65536)
def reach(resources: Resources, kind: str, account: str | None) -> Reach:
    """How many IAM objects of a kind (user, group, role, policy) of the account the resources cover.

    Objects of other accounts and AWS-managed policies count for nothing: an identity cannot change them.
    """
    found = {_reach(pattern, kind, account) for pattern in resources.patterns}
    most = next((level for level in Reach if level in found), Reach.NONE)
    if not resources.negated:
        return most
    # all but what is listed
    return {Reach.ALL: Reach.NONE, Reach.SOME: Reach.SOME}.get(most, Reach.ALL)


def _reach(pattern: str, kind: str, account: str | None) -> Reach:
    if pattern and pattern.strip("*") == "":
        return Reach.ALL
    if _filled(pattern) != pattern:
        return Reach.NONE if _reach(_filled(pattern), kind, account) is Reach.NONE else Reach.SOME
    owner = account or "0" * 12
    if "${" in pattern:
        pattern = re.sub(r"\$\{aws:PrincipalAccount\}", owner, pattern, flags=re.IGNORECASE)
    parts = pattern.split(":", 5)
    if parts[0] == "arn" and len(parts) > 2 and parts[2] != "iam" and not set("*?$") & set(":".join(parts[:3])):
        return Reach.NONE  # another service's resource
    partition = parts[1] if len(parts) > 1 and parts[1].startswith("aws") and "*" not in parts[1] else "aws"
    if contains(pattern, f"arn:{partition}:iam::{owner}:{kind}/{PROBE}"):
        return Reach.ALL
    if not overlap(pattern, f"arn:{partition}:iam::{account or '*'}:{kind}/*"):
        return Reach.NONE
    # of a whole ARN the last part decides: `*:user/…` names no role (unless someone put `:user/` into a role's path);
    # and what belongs to `aws` no account can change
    if len(parts) == 6 and (parts[4] == "aws" or not overlap(parts[5], f"{kind}/*")):
        return Reach.NONE
    if pattern.endswith(("/${aws:username}", "/${aws:userid}")):
        return Reach.OWN
    return Reach.SOME if set("*?$") & set(pattern.split("/", 1)[-1]) else Reach.NAMED


def mentions_account(resources: Resources) -> bool:
    """Whether the reach of these resources can depend on whose account it is."""
    return any(re.match(r"arn:[^:]*:(iam|sts|[^:]*[*?][^:]*):[^:]*:[^:]*[0-9]", pattern) for pattern in resources.patterns)


@lru_cache(maxsize=65536)
def covers(wide: Resources, narrow: Resources) -> bool:
    """Whether every resource that `narrow` stands for is certainly one of `wide`."""
    if wide == narrow:
        return True
    if wide.negated:
        return False
    if narrow.negated:
        return wide.everything
    plain = [outer for outer in wide.patterns if not doubtful_type(outer)]
    return all(any(contains(outer, inner) for outer in plain) for inner in narrow.patterns)


@lru_cache(maxsize=65536)
def overlaps(one: Resources, other: Resources) -> bool:
    """Whether some resource may be one of both."""
    if one.negated or other.negated or one.everything or other.everything:
        return True
    return any(overlap(_filled(a), _filled(b)) for a in one.patterns for b in other.patterns)


def _filled(pattern: str) -> str:
    """An ARN that is cut short (`arn:aws:s3`), as far as it may reach: what it matches AWS does not say."""
    missing = 5 - pattern.count(":")
    return pattern + ":*" * missing if pattern.startswith("arn:") and missing > 0 and not pattern.endswith("*") else pattern


def contains(outer: str, inner: str) -> bool:
    """Whether a pattern with `*` and `?` certainly matches whatever another one matches."""
    stem = outer.rstrip("*")
    if "*" not in stem and "?" not in stem:
        return inner == outer or (stem != outer and inner.startswith(stem))
    return _container(outer).fullmatch(inner) is not None


@lru_cache(maxsize=65536)
def _container(outer: str) -> re.Pattern[str]:
    # the inner pattern is read as text: its own `*` is only matched by an outer `*`, never by `?`; and before the fifth colon of an
    # ARN a `*` stays within its segment unless it ends it
    parts = re.sub(r"\*+", "*", outer).split(":", 5)
    return re.compile(":".join(_contained(part, within=parts[0] == "arn" and number < 5) for number, part in enumerate(parts)), re.DOTALL)


def _contained(part: str, *, within: bool) -> str:
    inner = "[^:]*" if within else ".*"
    source = "".join(inner if c == "*" else "[^*:]" if c == "?" and within else "[^*]" if c == "?" else re.escape(c) for c in part)
    return source.removesuffix(inner) + ".*" if part.endswith("*") else source


@lru_cache(maxsize=65536)
def overlap(one: str, other: str) -> bool:
    """Whether two patterns have a text in common. A policy variable counts as `*`."""
    left, right = (re.sub(r"\*+", "*", re.sub(r"\$\{[^}]*\}", "*", pattern)) for pattern in (one, other))
    same = 0
    for a, b in zip(left, right, strict=False):
        if a == "*" or b == "*":
            break
        if a != b and "?" not in (a, b):
            return False
        same += 1
    return _overlap(left[same:], right[same:])


def _overlap(left: str, right: str) -> bool:
    # reachable[j]: left up to the current character and right[:j] have a common text
    reachable = [True] + [False] * len(right)
    for j, c in enumerate(right, 1):
        reachable[j] = reachable[j - 1] and c == "*"
    for a in left:
        following = [reachable[0] and a == "*"]
        for j, b in enumerate(right, 1):
            if a == "*" or b == "*":
                # a wildcard stands for nothing (step past it) or swallows the other side's character
                following.append(reachable[j] or following[j - 1])
            else:
                following.append(reachable[j - 1] and (a == b or "?" in (a, b)))
        reachable = following
    return reachable[-1]
