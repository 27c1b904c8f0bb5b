"""Reports of secret scanners: where credentials were seen in code, history, images and chats. Never the credentials themselves."""

from __future__ import annotations

from collectors.document import Collector
from collectors.secret_scanners import betterleaks, detect_secrets, empty, github_alerts, gitleaks, kingfisher, sarif, trufflehog

COLLECTOR = Collector(
    name="secret_scanners",
    formats=(
        gitleaks.FORMAT,
        trufflehog.FORMAT,
        betterleaks.FORMAT,
        kingfisher.FORMAT,
        detect_secrets.FORMAT,
        github_alerts.FORMAT,
        sarif.FORMAT,
        empty.FORMAT,
    ),
)

__all__ = ["COLLECTOR"]
