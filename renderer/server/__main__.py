"""`python -m renderer.server PIPELINE PREFIX OPTIONS`: how the client starts the process."""

from __future__ import annotations

import sys

from renderer.server.server import main

if __name__ == "__main__":
    main(*sys.argv[1:])
