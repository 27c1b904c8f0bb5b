"""Times every page of the dashboard over a small and a large workspace, side by side in one run.

`python benchmarks/dashboard.py [--sizes 10000 450000] [--into benchmarks/work] [--only render|browser|sessions]` from the root of a checkout,
in its development environment. The workspaces are made once (estates.py) and kept. Three parts: the server's render of each page, run by
Streamlit without a browser; the switch to each page as headless Chromium sees it, the servers of both sizes taking turns; and ten
sessions at once on the large one, with a snapshot published while they are open.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page, sync_playwright
from streamlit.testing.v1 import AppTest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.estates import grow
from inventory.database import Database
from inventory.lake import Lake
from reports.pages import ahead
from reports.pages.shell import PAGES
from reports.serve import app_path
from tests.reports.server import chromium, dashboard

WORK = Path(__file__).resolve().parent / "work"
SESSIONS = 10
PATIENCE = 180  # seconds for one page: late is measured, not failed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs=2, default=[10_000, 450_000], metavar=("SMALL", "LARGE"))
    parser.add_argument("--into", type=Path, default=WORK, help="folder of the workspaces (default: benchmarks/work)")
    parser.add_argument("--only", choices=("render", "browser", "sessions"))
    parser.add_argument("--rounds", type=int, default=3, help="page switches of each page and size")
    parser.add_argument("--pages", nargs="*", default=list(PAGES))
    parser.add_argument("--render", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--ahead", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.render:
        print(json.dumps(renders(arguments.render, arguments.pages, ask_ahead=arguments.ahead)))
        return
    workspaces = [workspace(size, arguments.into) for size in arguments.sizes]
    print(f"{arguments.sizes[0]:,} and {arguments.sizes[1]:,} identities, Python {sys.version.split()[0]}, {os.cpu_count()} processors")
    if arguments.only in (None, "render"):
        show_renders(workspaces, arguments.pages)
    if arguments.only in (None, "browser"):
        show_switches(workspaces, arguments.pages, arguments.rounds)
    if arguments.only in (None, "sessions"):
        show_sessions(workspaces[1], arguments.pages)


def workspace(size: int, folder: Path) -> Path:
    """A workspace of at least so many identities, made where it is not there yet."""
    made, sample = folder / f"estate-{size}", folder / "estate-sample"
    if not (made / "lake" / "CURRENT").exists():
        if not (sample / "lake" / "CURRENT").exists():
            command = [sys.executable, "-m", "nhi", "demo", "--no-serve", "--workspace", str(sample.resolve())]
            folder.mkdir(parents=True, exist_ok=True)
            environment = {**os.environ, "PYTHONPATH": str(app_path().parent)}
            subprocess.run(command, check=True, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
        shutil.rmtree(made, ignore_errors=True)
        grow(sample, made, size)
    return made


def chosen(workspace: Path) -> dict[str, dict[str, str]]:
    """What a page that shows one subject is asked for: the last identity by its id."""
    lake = Lake(workspace)
    latest = lake.latest()
    if latest is None:
        raise SystemExit(f"{workspace}: nothing assessed")
    with lake.open(latest.snapshot_id) as database:
        last = str(database.value("SELECT max(subject_id) FROM placement WHERE subject_kind = 'identity' AND stage_lo IS NOT NULL"))
    return {"identity": {"identity": last}, "permissions": {"identity": last}}


def renders(workspace: Path, pages: Iterable[str], *, ask_ahead: bool) -> dict[str, Any]:
    """Seconds of the first and second run of each page, a session each in one process, and its peak memory in MB so far; before them `opening`:
    what the server does when it starts, or without that the first page anybody opens, which lays the decisions over the snapshot."""
    os.environ["NHI_WORKSPACE"] = str(workspace)
    query = chosen(workspace)
    if ask_ahead:
        start = time.perf_counter()
        ahead.ask_anew(str(workspace), None)
        found = {"opening": {"seconds": [time.perf_counter() - start]}}
    else:
        found = {"opening": _timed(session("methodology", {}), runs=1)}
    for page in pages:
        found[page] = _timed(session(page, query.get(page, {})), runs=2)
        if found[page]["failed"]:
            raise SystemExit(f"{page}: {found[page]['failed']}")
    return found


def session(page: str, query: dict[str, str]) -> AppTest:
    """A visitor who opens a page by its address."""
    app = AppTest.from_file(str(app_path()), default_timeout=PATIENCE)
    app.switch_page(f"reports/pages/{page}.py")
    for name, value in query.items():
        app.query_params[name] = value
    return app


def _timed(app: AppTest, runs: int) -> dict[str, Any]:
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        app.run()
        seconds.append(time.perf_counter() - start)
    shown = app.title[0].value if app.title else "nothing is shown"
    failed = app.exception[0].value if app.exception else shown if "cannot be" in shown else None
    return {"seconds": seconds, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3, "failed": failed}


def show_renders(workspaces: list[Path], pages: list[str]) -> None:
    small, large = workspaces
    ways = [(small, ["--ahead"]), (large, ["--ahead"]), (large, [])]
    found = []
    for one, more in ways:
        command = [sys.executable, __file__, "--render", str(one), *more, "--pages", *pages]
        found.append(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1]))
    took = [one["opening"]["seconds"][0] for one in found]
    print("\nServer render, seconds: a page's first time and again, once the server asked ahead; and the first time where it did not.")
    print(f"Asking ahead took {took[0]:.2f} and {took[1]:.2f}; without it the first page waits {took[2]:.2f} for the snapshot to be opened")
    print(f"{'page':<18}{'small':>8}{'again':>8}{'large':>9}{'again':>8}{'peak MB':>9}{'not ahead':>11}{'peak MB':>9}")
    for page in pages:
        small_one, ahead_one, cold = (one[page] for one in found)
        numbers = (
            f"{small_one['seconds'][0]:8.2f}{small_one['seconds'][1]:8.2f}{ahead_one['seconds'][0]:9.2f}{ahead_one['seconds'][1]:8.2f}"
        )
        print(f"{page:<18}{numbers}{ahead_one['peak_mb']:9.0f}{cold['seconds'][0]:11.2f}{cold['peak_mb']:9.0f}", flush=True)


def show_switches(workspaces: list[Path], pages: list[str], rounds: int) -> None:
    """Each page is opened from another by its link in the sidebar; the two sizes take turns. The first round is not counted."""
    with dashboard(workspaces[0]) as small, dashboard(workspaces[1]) as large, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium())
        opened = [opened_at(browser, address) for address in (small, large)]
        taken: dict[str, tuple[list[float], list[float]]] = {page: ([], []) for page in pages}
        for round_number in range(rounds + 1):
            for name in pages:
                for size, page in enumerate(opened):
                    elsewhere = "methodology" if name != "methodology" else "metrics"
                    switch(page, elsewhere)
                    seconds = switch(page, name)
                    if round_number:
                        taken[name][size].append(seconds)
        browser.close()
        memory = server_memory(large)
    print("\nPage switch as the browser sees it, seconds (median)")
    print(f"{'page':<18}{'small':>8}{'large':>8}{'ratio':>8}")
    for name, (one, other) in taken.items():
        print(f"{name:<18}{median(one):8.2f}{median(other):8.2f}{median(other) / median(one):8.2f}")
    ratio = sum(median(other) for _, other in taken.values()) / sum(median(one) for one, _ in taken.values())
    print(f"all pages{'':<25}{ratio:8.2f}\nserver of the large one: {memory:.0f} MB at its peak", flush=True)


def opened_at(browser: Browser, address: str) -> Page:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(PATIENCE * 1000)
    page.goto(address)
    settled(page, PAGES["overview"].title)
    return page


def switch(page: Page, name: str) -> float:
    """Seconds from the click on a page's link until its heading stands and its script has ended."""
    title = PAGES[name].title
    start = time.perf_counter()
    page.locator("[data-testid=stSidebarNavLink]").filter(has_text=title).first.click()
    settled(page, title)
    return time.perf_counter() - start


def settled(page: Page, title: str) -> None:
    page.wait_for_function(
        """title => document.querySelector('h1')?.innerText === title
            && document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'""",
        arg=title,
        polling=20,
    )
    if page.locator("[data-testid=stException]").count():
        raise SystemExit(f"{title}: {page.locator('[data-testid=stException]').first.inner_text()[:300]}")


def show_sessions(workspace: Path, pages: list[str]) -> None:
    """Ten browser pages opened before any is waited for; then a snapshot is published and one of them looks for it."""
    query = chosen(workspace)
    names = [pages[number % len(pages)] for number in range(SESSIONS)]
    with tempfile.TemporaryDirectory(dir=workspace.parent) as folder:
        copy = Path(folder) / "estate"
        shutil.copytree(workspace, copy, copy_function=os.link)  # what is published stays out of the workspace that is kept
        with dashboard(copy) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium())
            start = time.perf_counter()
            opened = [browser.new_context(viewport={"width": 1280, "height": 900}).new_page() for _ in names]
            for name, page in zip(names, opened, strict=True):
                page.set_default_timeout(PATIENCE * 1000)
                page.goto(f"{address}/{'' if name == 'overview' else name}?{urlencode(query.get(name, {}))}", wait_until="commit")
            waits = []
            for name, page in zip(names, opened, strict=True):
                settled(page, PAGES[name].title)
                waits.append(time.perf_counter() - start)
            print(
                f"\n{SESSIONS} sessions at once: no error, all drawn after {max(waits):.1f} s, {server_memory(address):.0f} MB at the peak"
            )
            publish(copy)
            opened[0].get_by_text("A newer snapshot exists: Published since").wait_for(timeout=60_000)
            print("a snapshot published meanwhile is offered on a page that stays open, without a restart", flush=True)
            browser.close()


def publish(workspace: Path) -> None:
    """A snapshot of a day later, of nothing."""
    lake = Lake(workspace)
    latest = lake.snapshots()[-1]
    with Database.empty() as database:
        lake.publish(
            database,
            label="Published since",
            as_of=latest.as_of + timedelta(days=1),
            rules_version=latest.rules_version,
            pack=latest.pack,
            created_at=latest.created_at,
            details=latest.details,
        )


def server_memory(address: str) -> float:
    """Peak resident memory in MB of the process that listens on a port, as Linux counts it."""
    port = address.rpartition(":")[2]
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            arguments = (status.parent / "cmdline").read_text().split("\0")
            if "streamlit" in arguments and port in arguments:
                return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) / 1e3
        except (OSError, StopIteration):
            continue
    return float("nan")


if __name__ == "__main__":
    main()
