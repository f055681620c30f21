"""htmlgame cost for a Python without any package: make cost needs no install."""

import sys
from collections.abc import Iterator, Sequence

from config.environments import PRODUCTION
from local.terminal.errors import VariableError
from operations.costs.month import month_of, options
from operations.costs.report import report


def main(arguments: Sequence[str]) -> None:
    if {"-h", "--help"} & {*arguments}:
        print("\n".join(_help()))
        return
    try:
        month = month_of(dict(_given(arguments)))
    except VariableError as error:
        sys.exit(str(error))
    print("\n".join(report(month, PRODUCTION)))


def _given(arguments: Sequence[str]) -> Iterator[tuple[str, str]]:
    words = iter(arguments)
    for word in words:
        option, _, value = word.partition("=")
        name = option.removeprefix("--").replace("-", "_")
        if not option.startswith("--") or name not in options():
            problem = "there is no such option"
            raise VariableError("ARGS", word, problem, "make cost ARGS=--help lists them")
        yield name, value or next(words, "")


def _help() -> Iterator[str]:
    yield "make cost PLAYS=1000000 GAMES=3 VIEWS=5"
    yield "make cost PLAYERS=20000"
    yield 'make cost PLAYS=1000000 ARGS="--forwarded 0.4 --cached 0.95"'
    yield ""
    for name, text in options().items():
        yield f"  --{name.replace('_', '-'):18}{text}"


if __name__ == "__main__":
    main(sys.argv[1:])
