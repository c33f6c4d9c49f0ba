"""One round of a scene in its own process: `python -m tests.faults.round SCENE SEED FOLDER S`.

FOLDER is empty at first; S is for how many seconds the scene repeats itself.
"""

from __future__ import annotations

import faulthandler
import sys
from pathlib import Path


def main() -> None:
    """Play the scene that the command line names."""
    scene, seed, folder, seconds = sys.argv[1:]
    faulthandler.enable()
    from tests.faults import scenes
    from tests.faults.stand import Stand

    stand = Stand(int(seed), Path(folder), float(seconds))
    scenes.play(scene, stand)
    stand.record.end()


if __name__ == "__main__":
    main()
