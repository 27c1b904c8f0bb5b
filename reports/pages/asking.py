"""Ask a cloud from the dashboard: which ones can be asked from here, what is asked, and the run itself. No value of a credential is seen."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import streamlit as st

from reports import background, collected
from reports.pages import running, shell
from reports.views.coverage import TITLES

OPTIONS: dict[str, dict[str, str]] = {
    "aws": {"profile": "Profile; empty: the default one", "region": "Regions, by commas; empty: all that are enabled"},
    "gcp": {"project": "Projects, by commas", "organization": "Number of the organisation"},
    "azure": {"subscription": "Subscriptions, by commas; empty: all of the tenant", "tenant": "Id of the tenant"},
}
"""Options of `nhi collect` by provider, and what they are."""

SEVERAL = ("region", "project", "subscription")
"""Options that may be given more than once."""

NONE_FOUND = (
    "No credentials for AWS, Google Cloud or Azure are found where this dashboard runs, so there is nobody to ask. Run"
    " `nhi collect aws --out evidence/` where there are some and upload the folder, or start the dashboard there."
)


@st.cache_data(ttl=60, show_spinner="Looking for credentials")
def _found() -> dict[str, list[str]] | None:
    answer = background.ask(["collect", "--list"])
    return dict(answer) if answer is not None else None


@st.cache_data(max_entries=3, show_spinner="Reading what it asks")
def _asks(source: str) -> dict[str, Any] | None:
    answer = background.ask(["collect", source, "--dry-run"])
    return dict(answer) if answer is not None else None


def section() -> None:
    """Providers, the form, and the bundles that are there."""
    found = _found() or {}
    rows = [{"title": TITLES.get(name, name), "where": there or ["none found"]} for name, there in found.items()]
    shell.words(rows, {"title": "Cloud", "where": "Credentials, as its SDK would find them"})
    shell.note("Only names of settings and files are looked at, no value, and nobody is asked: what is found may have expired.")
    able = [name for name, there in found.items() if there]
    if able:
        _form(able)
    else:
        st.write(NONE_FOUND)
    _bundles()


def _form(able: list[str]) -> None:
    source = str(
        st.segmented_control("Ask", able, default=able[0], required=True, key="collect_source", format_func=lambda name: TITLES[name])
    )
    with st.expander("What is asked, and the rights that it needs"):
        if st.toggle("Show", key="collect_asks") and (asks := _asks(source)):
            shell.words(asks["calls"], {"operation": "Operation", "scope": "Asked", "command": "The command that prints the same"})
            for name, text in asks["permissions"].items():
                st.text(name)
                st.code(text, language=None)
    with st.form(f"collect_{source}"):
        given = {name: st.text_input(words, key=f"collect_{source}_{name}").strip() for name, words in OPTIONS[source].items()}
        go = st.form_submit_button("Ask, with read-only rights", disabled=running.under_way())
    if go:
        shell.require("collect")
        folder = collected.folder_for(source, datetime.now(UTC).date())
        words = [f"--{name}={part.strip()}" for name, value in given.items() for part in _parts(name, value)]
        running.start(f"Ask {TITLES[source]}", ["collect", source, f"--out={folder}", *words])


def _parts(name: str, value: str) -> list[str]:
    return [part for part in (value.split(",") if name in SEVERAL else [value]) if part.strip()]


def _bundles() -> None:
    rows = collected.bundles(shell.lake().workspace)
    st.subheader(f"Collected ({len(rows)})", anchor=False)
    if not rows:
        st.caption("Nothing was collected from here yet.")
        return
    columns = {
        "folder": "Bundle",
        "source": "Cloud",
        "as_of": "As of",
        "files": "Files",
        "gaps": "Not collected",
        "whole": "Ran to its end",
    }
    shell.words(rows, columns)
    with st.form("assess_bundles"):
        chosen = st.multiselect("Assess together", [row["folder"] for row in rows], default=[rows[0]["folder"]], key="bundles")
        label = st.text_input("Label", key="bundles_label", max_chars=100, placeholder="the quarter").strip()
        go = st.form_submit_button("Assess", disabled=running.under_way())
    if go and chosen:
        shell.require("upload")
        running.start("Assess", ["assess", *chosen, *([f"--label={label}"] if label else [])])
