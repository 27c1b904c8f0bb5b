"""`nhi …` as it is, with Azure on loopback: the plan is given the addresses, the token and the patience of the test.

The product has no switch for that: one that points it to another address would be one that sends a token there.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from collectors import live
from collectors.azure.fetch_session import Wire
from tests.command import run


def nhi_on(wire: Wire, *words: object) -> Any:
    """The command, with exit_code, stdout and stderr."""
    azure = live.PROVIDERS["azure"]

    def arguments(given: live.Given, key: bytes) -> dict[str, Any]:
        return {**azure.arguments(given, key), "wire": wire}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(live, "PROVIDERS", {**live.PROVIDERS, "azure": dataclasses.replace(azure, arguments=arguments)})
        return run(*words)
