"""Starts the program, if this Python can run it."""

import sys

if sys.version_info < (3, 9):
    sys.exit("htmlgame-tunnel needs Python 3.9 or newer; this is %d.%d" % sys.version_info[:2])

from htmlgame_tunnel.main import main  # type: ignore[import-not-found]

main()
