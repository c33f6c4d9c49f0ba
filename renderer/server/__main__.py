"""How a client starts the process.

`python -m renderer.server PIPELINE PREFIX OPTIONS` is one on the window's machine, and
`python -m renderer.server` one on any other, told all it needs through stdin.
"""

from __future__ import annotations

import sys

if __name__ == "__main__":
    if not sys.argv[1:]:
        from renderer.server.streamed import main as main_streamed

        main_streamed()
    elif len(sys.argv) == 4:
        from renderer.server.server import main

        main(*sys.argv[1:])
    else:
        sys.exit(f"renderer.server takes no arguments: {' '.join(sys.argv[1:])}")
