"""Breaks everything around the window, and looks whether it lives: `python -m tests.faults`.

The real window (offscreen) with the real renderer is given hostile files, stalled and full disks,
killed renderers and more; see `tests/faults/scenes/`. What the columns of the table mean stands in
`tests.faults.tally.KINDS`.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
import time
from pathlib import Path

from tests.faults import rounds, scenes
from tests.faults.tally import KINDS, Tally

ROUND = 120.0
"""Seconds for which a scene repeats itself before another has its turn."""


def main() -> int:
    """Play scenes in turn for as long as was asked for; 1 where there were faults."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0, help="default: 60")
    parser.add_argument("--seed", type=int, default=0, help="of the first round; default: 0")
    parser.add_argument("--scene", action="append", choices=scenes.names(), help="only this one")
    parser.add_argument(
        "--patience", default="60", metavar="SECONDS", help="for a picture to come; default: 60"
    )
    parser.add_argument("--json", type=Path, help="where the figures go, after every round")
    parser.add_argument("--table", type=Path, help="where the table goes, after every round")
    asked = parser.parse_args()
    os.environ["FAULTS_PATIENCE"] = asked.patience
    end = time.monotonic() + 60 * asked.minutes
    tally = Tally()
    for number, scene in enumerate(itertools.cycle(asked.scene or scenes.names())):
        left = end - time.monotonic()
        if left <= 0:
            break
        rounds.play(scene, asked.seed + number, min(ROUND, left), tally)
        if asked.json:
            asked.json.write_text(json.dumps(tally.as_json(), indent=1))
        if asked.table:
            asked.table.write_text(tally.table())
    sys.stdout.write(tally.table())
    sys.stdout.write("".join(f"{kind}: {what}\n" for kind, what in KINDS.items()))
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(main())
