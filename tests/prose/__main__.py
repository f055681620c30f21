"""Checks the project's prose: `python -m tests.prose [FILE …]`."""

import sys
from pathlib import Path

from tests.prose.documents import document
from tests.prose.linter import files, lint


def main(arguments: list[str]) -> None:
    paths = [Path(each).resolve() for each in arguments] or files()
    complaints = lint([document(path) for path in paths])
    for complaint in complaints:
        print(complaint)
    if complaints:
        sys.exit(f"{len(complaints)} sentences to rewrite; the rules are in .prose/")
    print(f"{len(paths)} files follow the rules in .prose/")


if __name__ == "__main__":
    main(sys.argv[1:])
