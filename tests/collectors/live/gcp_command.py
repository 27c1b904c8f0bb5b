"""`nhi …` as it is, with Google Cloud on loopback: the plan is given clients of the test's servers instead of those of a login.

The product has no switch for that: one that points it to another address would be one that sends a login's token there.
As a program: `python -m tests.collectors.live.gcp_command HTTP PORT WORDS…`, so that it can be killed.
"""

from __future__ import annotations

import sys
from typing import Any

import grpc
import pytest

import nhi
from tests.collectors.live.google_server import Google, clients_of
from tests.command import run

CLIENTS = "collectors.gcp.fetch.fetch_clients"


def nhi_on(google: Google, *words: object) -> Any:
    """The command, with exit_code, stdout and stderr."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CLIENTS, lambda _quota_project: google.clients)
        return run(*words)


if __name__ == "__main__":
    with pytest.MonkeyPatch.context() as at_home, grpc.insecure_channel(f"127.0.0.1:{sys.argv[2]}") as loopback:
        at_home.setattr(CLIENTS, lambda _quota_project: clients_of(sys.argv[1], loopback))
        nhi.app(sys.argv[3:])
