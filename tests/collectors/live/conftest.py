"""A fake AWS for every test of this folder that asks for one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.collectors.live.fake_aws import REGION, TOKEN, Fake, Script, Start, accounts_on_loopback, basic, serving


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Start]:
    """Starts the fake AWS with some scripts changed."""
    opened: list[Any] = []

    def begin(**scripts: Script) -> Fake:
        context = serving(Fake({**basic(), **scripts}))
        fake = context.__enter__()
        opened.append(context)
        for name, value in {
            "AWS_ENDPOINT_URL": fake.address,
            "AWS_ACCESS_KEY_ID": "AKIA" + "FAKEFAKEFAKEFAKE",
            "AWS_SECRET_ACCESS_KEY": TOKEN,
            "AWS_SESSION_TOKEN": TOKEN,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": str(tmp_path / "none"),
            "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        }.items():
            monkeypatch.setenv(name, value)
        return fake

    accounts_on_loopback(monkeypatch)
    yield begin
    for context in opened:
        context.__exit__(None, None, None)
