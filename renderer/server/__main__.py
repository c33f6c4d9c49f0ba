"""How a client starts the process.

`python -m renderer.server PIPELINE PREFIX OPTIONS` is one on the window's machine, and
`python -m renderer.server` one on any other, told all it needs through stdin.
"""

from __future__ import annotations

import sys

if __name__ == "__main__":
    if sys.argv[1:]:
        from renderer.server.server import main

        main(*sys.argv[1:])
    else:
        from renderer.server.streamed import main as main_streamed

        main_streamed()
