"""Permissions as bits: those of the catalogue, and those of custom roles that it lacks; with what each weighs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from scoring.least_privilege.gcp.roles import HANDS_OUT, Role, Roles, reads, standard
from scoring.least_privilege.use import Weight

CONTROLS = re.compile(
    r".*\.set(Zone)?IamPolicy"
    r"|iam\.(googleapis\.com/)?(roles|denypolicies|accesspolicies|principalaccessboundarypolicies|serviceAccountKeys"
    r"|serviceAccountApiKeyBindings|workloadIdentityPool\w*|workforcePool\w*|oauthClient\w*)\.(?!get|list|search|query)\w+"
    r"|(apikeys\.keys|serviceusage\.apiKeys|storage\.hmacKeys)\.(create|undelete|update|regenerate)"
    r"|orgpolicy\.(policies|policy|customConstraints)\.(create|update|delete|set)"
    r"|resourcemanager\.\w+\.(create|update|delete)PolicyBinding"
)
"""Permissions that change who may do what: policies, roles, keys and federation of identities."""


def weight_of(permission: str, watched: frozenset[str]) -> Weight:
    """`watched`: steps of escalation paths. What hands out a token, a credential or a key controls the identity behind it."""
    if permission in watched or CONTROLS.fullmatch(permission) or HANDS_OUT.search(permission.rsplit(".", 1)[-1]):
        return Weight.CONTROL
    return Weight.LOOK if reads(permission) else Weight.CHANGE


class Names:
    """A growing index: a permission that the catalogue lacks gets the next free bit when it is first met."""

    def __init__(self, roles: Roles | None = None) -> None:
        self.roles = roles or standard()
        self._watched = frozenset(self.roles.members(self.roles.watched))
        self._extra: list[str] = []
        self._weights = dict(_weights_of(self.roles))

    def bit(self, permission: str) -> int:
        """The bit of a permission, made when there is none yet."""
        if bit := self.roles.bit(permission):
            return bit
        if permission not in self._extra:
            self._extra.append(permission)
            self._weights[weight_of(permission, self._watched)] |= 1 << len(self.roles.names) + len(self._extra) - 1
        return 1 << len(self.roles.names) + self._extra.index(permission)

    def mask_of(self, permissions: Iterable[str]) -> int:
        """Bits of permissions, few of them."""
        mask = 0
        for name in permissions:
            mask |= self.bit(name)
        return mask

    def of_role(self, role: Role) -> int:
        """All that a role holds."""
        return role.mask | self.mask_of(role.unlisted)

    def members(self, mask: int) -> list[str]:
        """The permissions of a bit set, by name."""
        listed = len(self.roles.names)
        found: list[str] = []
        for start, byte in enumerate(mask.to_bytes(mask.bit_length() // 8 + 1, "little")):
            positions = (start * 8 + offset for offset in range(8) if byte >> offset & 1) if byte else ()
            found.extend(self.roles.names[position] if position < listed else self._extra[position - listed] for position in positions)
        return sorted(found)

    def of_weight(self, weight: Weight) -> int:
        """All known permissions of a weight."""
        return self._weights[weight]


@lru_cache(maxsize=4)
def _weights_of(roles: Roles) -> Mapping[Weight, int]:
    watched = frozenset(roles.members(roles.watched))
    by_weight: dict[Weight, list[str]] = {weight: [] for weight in Weight}
    for name in roles.names:
        by_weight[weight_of(name, watched)].append(name)
    return {weight: roles.mask_of(names) for weight, names in by_weight.items()}
