"""Writes the sample company's two evidence bundles and the answer key: `python sample_data/generate.py [--into DIR]`. The same bytes every time."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from generator.answers import answer_key
from generator.company import QUARTERS
from generator.dress import pretty
from generator.estates import estates
from generator.exports import bundle

HERE = Path(__file__).resolve().parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--into", type=Path, default=HERE, help="folder that gets q2-2026, q3-2026 and answer-key.json (default: beside this file)"
    )
    into: Path = parser.parse_args().into
    answers = {}
    for quarter in QUARTERS:
        folder = into / quarter.folder
        if folder.exists():
            shutil.rmtree(folder)
        found = bundle(quarter)
        found.write(folder)
        answers[quarter.folder] = answer_key(quarter, estates(quarter))
        print(f"{folder.name}: {len(found.files)} files")
    (into / "answer-key.json").write_text(pretty(answers), encoding="utf-8", newline="")


if __name__ == "__main__":
    main()
