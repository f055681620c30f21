"""Runs a module like python -m, but Ctrl-C ends it with one word instead of a traceback.

    python -m local.terminal.interruptible operations.site

Most of a short command's time goes into its imports, which no handler of its own covers.
"""

import os
import sys


def main() -> None:
    try:
        # Imported here, because even this import may be interrupted.
        import runpy

        del sys.argv[0]
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    except KeyboardInterrupt:
        sys.stdout.flush()
        print("\ninterrupted", file=sys.stderr, flush=True)
        # A normal exit would wait for running threads and print their interruptions.
        os._exit(130)


if __name__ == "__main__":
    main()
