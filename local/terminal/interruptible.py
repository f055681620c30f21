"""Runs a module like python -m, but Ctrl-C and a mistake in config end it with one message.

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
    except Exception as error:
        if not _is_mistake_in_config(error):
            raise
        sys.exit(str(error))


def _is_mistake_in_config(error: Exception) -> bool:
    """By what is imported already: this module itself imports nothing heavy."""
    model = sys.modules.get("config.model")
    return model is not None and isinstance(error, model.ConfigError)


if __name__ == "__main__":
    main()
