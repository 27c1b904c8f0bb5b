"""What can be granted in Azure and Entra, one bit each, so that sets of it are whole numbers.

There is no pinned list of Azure's operations, only of what built-in roles name. So the grain of every count is this: the distinct actions
that a built-in role names without a wildcard (control plane and data plane apart), those of the custom roles in the evidence, and those
seen in use. A wildcard stands for those of them that it matches; one that matches none stands for itself and is never judged unused.
An application permission, a directory role, a delegated permission and a verb of a Key Vault's own policy are one right each.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import NamedTuple

from scoring.least_privilege.aws.resources import contains
from scoring.least_privilege.azure.escalation import WATCHED
from scoring.least_privilege.azure.roles import LOOK, Block, standard, widened
from scoring.least_privilege.use import Weight

LINKED = (
    "assign",
    "attach",
    "deploy",
    "join",
    "joinLoadBalancer",
    "joinNetworkSecurityRule",
    "joinPerimeter",
    "joinViaServiceEndpoint",
    "link",
    "peer",
    "privateEndpointConnectionsApproval",
    "use",
)
"""`…/join/action` and its like: Azure checks them on a second resource while it writes a first one. The log records the write alone, so
that nothing tells whether they are used as long as anything is written.
https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors (LinkedAuthorizationFailed)"""

ELSEWHERE = (
    "Microsoft.Batch/batchAccounts/*",
    "Microsoft.Communication/CommunicationServices/write",
    "Microsoft.Communication/EmailServices/*",
    "Microsoft.ContainerRegistry/registries/artifacts/*",
    "Microsoft.ContainerRegistry/registries/metadata/*",
    "Microsoft.ContainerRegistry/registries/push/*",
    "Microsoft.ContainerRegistry/registries/quarantine/*",
    "Microsoft.ContainerRegistry/registries/sign/*",
    "Microsoft.Databricks/workspaces/*",
    "Microsoft.MachineLearningServices/workspaces/*",
    "Microsoft.ServiceBus/namespaces/queues/*",
    "Microsoft.ServiceBus/namespaces/topics/*",
    "Microsoft.Storage/storageAccounts/blobServices/*",
    "Microsoft.Storage/storageAccounts/fileServices/*",
    "Microsoft.Storage/storageAccounts/queueServices/*",
    "Microsoft.Storage/storageAccounts/tableServices/*",
    "Microsoft.Synapse/workspaces/*",
    "Microsoft.Web/sites/publish/*",
)
"""Actions by name of the control plane that are (also) asked for at an endpoint of the service: pushing an image, creating a container at
the blob endpoint. Such calls never reach Resource Manager, whose log alone we have.
https://learn.microsoft.com/azure/container-registry/container-registry-rbac-built-in-roles-overview
https://learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory"""

_LINKED = re.compile(r".*/(" + "|".join(verb.lower() for verb in LINKED) + ")/action")
_WATCHED = frozenset(action.lower() for action in WATCHED)
_ACCESS = re.compile(
    r"microsoft\.authorization/.*/write"
    r"|.*/(list|get|fetch|regenerate|generate)\w*(credential|key(?!vault)|password|sas(?!s)|secret|token|connectionstring|kubeconfig)\w*/action"
)
"""Who may do what, and keys and tokens that open something past any role."""


class Plane(StrEnum):
    """Where a right lives."""

    CONTROL = "control"
    DATA = "data"
    PATTERN = "pattern"
    """A wildcard that stands for nothing that is listed."""
    ENTRA = "entra"
    VAULT = "vault"


class Right(NamedTuple):
    """One thing that can be granted."""

    plane: Plane
    name: str
    weight: Weight

    @property
    def service(self) -> str:
        """`microsoft.storage`; `microsoft graph`."""
        return self.name.partition("/")[0].lower()


def weigh(plane: Plane, name: str) -> Weight:
    """What an action lets its holder do."""
    low = name.strip().lower()
    if LOOK.fullmatch(low):
        return Weight.LOOK
    return Weight.CONTROL if plane is Plane.CONTROL and (low in _WATCHED or _ACCESS.fullmatch(low)) else Weight.CHANGE


class Rights:
    """Rights and their bits. The built-in ones come first and are shared; further ones are appended."""

    def __init__(self, control: Iterable[str] = (), data: Iterable[str] = ()) -> None:
        """`control`, `data`: actions of custom roles, and those seen in use."""
        self._base = _base()
        self.rights = list(self._base.rights)
        self._bits = dict(self._base.bits)
        self._own: list[tuple[Plane, str, int]] = []
        self._weights = dict(self._base.weights)
        self._patterns = 0
        self._blocks: dict[Block, int] = {}
        for plane, names in ((Plane.CONTROL, control), (Plane.DATA, data)):
            for name in sorted({name.strip() for name in names if "*" not in name}, key=str.lower):
                if (plane, name.lower()) not in self._bits:
                    self._own.append((plane, name.lower(), self._add(Right(plane, name, weigh(plane, name)))))

    def _add(self, right: Right) -> int:
        bit = 1 << len(self.rights)
        self.rights.append(right)
        self._bits[right.plane, right.name.lower()] = bit
        self._weights[right.weight] |= bit
        self._patterns |= bit if right.plane is Plane.PATTERN else 0
        return bit

    def bit(self, plane: Plane, name: str, weight: Weight | None = None) -> int:
        """The bit of one right, new or known."""
        found = self._bits.get((plane, name.lower()))
        return found if found is not None else self._add(Right(plane, name, weight or weigh(plane, name)))

    def matching(self, plane: Plane, pattern: str) -> int:
        """Listed actions that a pattern stands for."""
        low = pattern.strip().lower()
        if "*" not in low:
            return self._bits.get((plane, low), 0)
        mask = self._base.matching(plane, low)
        for own, name, bit in self._own:
            if own is plane and contains(low, name):
                mask |= bit
        return mask

    def giving(self, plane: Plane, pattern: str) -> int:
        """Listed actions that a pattern gives, or may give."""
        found = 0
        for each in widened(pattern):
            found |= self.matching(plane, each)
        return found

    def block(self, block: Block) -> int:
        """What a permission block grants, its condition aside; found out once."""
        if block not in self._blocks:
            self._blocks[block] = self._of_block(block)
        return self._blocks[block]

    def _of_block(self, block: Block) -> int:
        mask = 0
        for plane, patterns, removed in (
            (Plane.CONTROL, block.actions, block.not_actions),
            (Plane.DATA, block.data_actions, block.not_data_actions),
        ):
            held = gone = 0
            for pattern in removed:
                gone |= self.matching(plane, pattern)
            for pattern in patterns:
                found = self.giving(plane, pattern)
                if not found and not any(contains(other.strip().lower(), pattern.strip().lower()) for other in removed):
                    mask |= self.bit(Plane.PATTERN, pattern.strip())
                held |= found
            mask |= held & ~gone
        return mask

    def members(self, mask: int) -> Iterator[tuple[int, Right]]:
        """The rights of a set with their bits, in order."""
        while mask:
            lowest = mask & -mask
            yield lowest, self.rights[lowest.bit_length() - 1]
            mask ^= lowest

    def of(self, weight: Weight) -> int:
        """All rights of one weight."""
        return self._weights[weight]

    def names(self, names: Iterable[str]) -> int:
        """Control actions by their names; what is not listed is left out."""
        mask = 0
        for name in names:
            mask |= self._bits.get((Plane.CONTROL, name.lower()), 0)
        return mask

    @property
    def patterns(self) -> int:
        """Wildcards that stand for nothing that is listed."""
        return self._patterns

    @cached_property
    def logged(self) -> int:
        """Control actions that the Activity Log records whenever they are used: no reads, and none that services take elsewhere."""
        changing = sum(
            1 << number for number, one in enumerate(self.rights) if one.plane is Plane.CONTROL and not one.name.lower().endswith("/read")
        )
        for pattern in ELSEWHERE:
            changing &= ~self.matching(Plane.CONTROL, pattern)
        return changing

    @cached_property
    def linked(self) -> int:
        """Logged actions that may be checked without a record of their own."""
        return sum(
            1 << number for number, one in enumerate(self.rights) if one.plane is Plane.CONTROL and _LINKED.fullmatch(one.name.lower())
        )


class _Base:
    """The rights that built-in roles name, and which of them a pattern matches."""

    def __init__(self) -> None:
        named: dict[tuple[Plane, str], str] = {}
        for _, role in sorted(standard().by_id.items()):
            for block in role.blocks:
                for plane, patterns in (
                    (Plane.CONTROL, (*block.actions, *block.not_actions)),
                    (Plane.DATA, (*block.data_actions, *block.not_data_actions)),
                ):
                    for pattern in patterns:
                        if "*" not in pattern:
                            named.setdefault((plane, pattern.strip().lower()), pattern.strip())
        keys = sorted(named)
        self.rights = tuple(Right(plane, named[plane, low], weigh(plane, low)) for plane, low in keys)
        self.bits = {key: 1 << number for number, key in enumerate(keys)}
        self.weights = {weight: sum(1 << number for number, right in enumerate(self.rights) if right.weight is weight) for weight in Weight}
        self._names = {plane: [low for own, low in keys if own is plane] for plane in (Plane.CONTROL, Plane.DATA)}
        self._first = {plane: keys.index((plane, names[0])) for plane, names in self._names.items()}
        self._masks: dict[tuple[Plane, str], int] = {}

    def matching(self, plane: Plane, low: str) -> int:
        """Which rights a pattern with wildcards stands for; found out once."""
        if (plane, low) not in self._masks:
            names, stem = self._names[plane], low.partition("*")[0]
            start, end = bisect_left(names, stem), bisect_left(names, stem + "\uffff")
            mask = 0
            for number in range(start, end):
                if contains(low, names[number]):
                    mask |= 1 << number
            self._masks[plane, low] = mask << self._first[plane]
        return self._masks[plane, low]


@lru_cache(maxsize=1)
def _base() -> _Base:
    return _Base()
