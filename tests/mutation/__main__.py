"""make mutate: changes the code in small ways, one at a time, and asks whether a test notices."""

import argparse
import signal
import sys
from typing import NoReturn

from local.bootstrap import ROOT
from tests.mutation import install
from tests.mutation.mutants import HERE, Generator, equivalents, generator
from tests.mutation.report import report
from tests.mutation.rooms import ROOMS
from tests.mutation.run import Plan, Run
from tests.mutation.trees import Tree
from tests.mutation.trials import TreeFailsError
from tests.sdk.node import node


def installed() -> Generator:
    """The mutant generators that make mutate installs."""
    return generator(
        {
            ".py": [str(install.PYTHON.path / "bin" / "python"), str(HERE / "generate.py")],
            ".js": [str(node()), str(HERE / "generate.mjs"), str(install.NODE)],
        }
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="make mutate", description=__doc__)
    parser.add_argument("--room", choices=[room.name for room in ROOMS])
    parser.add_argument("--sample", type=int, default=40, help="mutants a room")
    parser.add_argument("--seed", type=int, default=1, help="the same draws the same mutants")
    parser.add_argument("--minutes", type=float, help="after these no mutant is begun")
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, _interrupt)
    rooms = [room for room in ROOMS if asked.room in {None, room.name}]
    run = Run(Tree(ROOT), rooms, installed(), known=equivalents(), say=_say)
    plan = Plan(asked.sample, asked.seed, asked.jobs, asked.minutes)
    interrupted = False
    try:
        run.go(plan)
    except TreeFailsError as failure:
        sys.exit(str(failure))
    except KeyboardInterrupt:
        interrupted = True
    for line in report(run.trials):
        _say(line)
    return 130 if interrupted else 0


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
