"""What creators' functions cost."""

from config.capabilities import runner
from config.units import Usage


def requests() -> dict[str, Usage]:
    return {
        "functions: a run": runner.RUN,
        "functions: a run in a session": runner.IN_A_SESSION,
        "functions: a cached answer": runner.CACHED,
    }
