"""`nhi packs`: the policy packs, or one with every threshold."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from reports.commands.shell import AsJson, as_document, misused, table
from scoring.packs import Pack, PackError, load_pack, pack_names, threshold_rows


def packs(
    action: Annotated[str, typer.Argument(help="list, or show with a name.")] = "list",
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="A pack, or the path of your own TOML file.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the policy packs, or show one: every threshold, its unit and meaning, and where it differs from the default."""
    if action == "list":
        _list([load_pack(each) for each in pack_names()], as_json=as_json)
    elif action != "show":
        misused("ACTION", f"{action!r} is unknown, say list or show")
    elif name is None:
        misused("NAME", f"say which pack to show: {', '.join(pack_names())}, or the path of a .toml file")
    else:
        try:
            _show(load_pack(name), as_json=as_json)
        except PackError as error:
            misused("NAME", error)


def _list(found: list[Pack], *, as_json: bool) -> None:
    rows = [{"pack": pack.name, "title": pack.title, "differs": _differs(pack)} for pack in found]
    if as_json:
        as_document(rows)
    else:
        table(["pack", "other than default", "title"], [(row["pack"], ", ".join(row["differs"]), row["title"]) for row in rows])


def _differs(pack: Pack) -> list[str]:
    return [f"{row['name']} = {row['value']:g}" for row in threshold_rows(pack) if row["differs"]]


def _show(pack: Pack, *, as_json: bool) -> None:
    rows: list[dict[str, Any]] = threshold_rows(pack)
    if as_json:
        as_document({"pack": pack.name, "title": pack.title, "thresholds": rows})
        return
    columns = {"name": "threshold", "value": "value", "unit": "unit", "default": "default", "meaning": "meaning", "source": "source"}
    table(list(columns.values()), [[row[key] for key in columns] for row in rows])
