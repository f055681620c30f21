"""Mutants: single edits of a file, drawn by chance, the same for the same seed."""

import json
import subprocess
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).resolve().parent
EQUIVALENT: Final = HERE / "equivalent.toml"


@dataclass(frozen=True)
class Mutant:
    path: str
    line: int
    before: str
    """The lines that the edit touches."""
    after: str
    start: int
    end: int
    replacement: str

    def applied(self, text: str) -> str:
        return text[: self.start] + self.replacement + text[self.end :]

    @property
    def diff(self) -> str:
        removed = [f"  - {line}" for line in self.before.splitlines()]
        added = [f"  + {line}" for line in self.after.splitlines()]
        return "\n".join([f"{self.path}:{self.line}", *removed, *added])


def mutant_of(root: Path, edit: dict[str, Any]) -> Mutant:
    text = (root / edit["path"]).read_text(encoding="utf-8")
    start, end = edit["start"], edit["end"]
    begin = text.rfind("\n", 0, start) + 1
    after_line = text.find("\n", end)
    stop = len(text) if after_line < 0 else after_line
    return Mutant(
        path=edit["path"],
        line=text.count("\n", 0, start) + 1,
        before=text[begin:stop],
        after=text[begin:start] + edit["replacement"] + text[end:stop],
        start=start,
        end=end,
        replacement=edit["replacement"],
    )


@dataclass(frozen=True)
class Drawn:
    places: int
    """The number of candidates from which the mutants were drawn."""
    mutants: list[Mutant]


Generator = Callable[[Path, Sequence[str], int, int], Drawn]
"""Where files are, which, how many mutants, seed."""


def generator(commands: Mapping[str, Sequence[str]]) -> Generator:
    """By the files' suffix, a program that takes files, sample and seed, and returns mutants."""

    def draw(root: Path, files: Sequence[str], sample: int, seed: int) -> Drawn:
        drawn = [
            _asked(root, command, [file for file in files if file.endswith(suffix)], sample, seed)
            for suffix, command in commands.items()
        ]
        return _in_proportion(drawn, sample)

    return draw


def _asked(root: Path, command: Sequence[str], files: list[str], sample: int, seed: int) -> Drawn:
    if not files:
        return Drawn(0, [])
    done = subprocess.run(
        command,
        cwd=root,
        input=json.dumps({"files": files, "sample": sample, "seed": seed}),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    answer = json.loads(done.stdout)
    return Drawn(answer["places"], [mutant_of(root, edit) for edit in answer["mutants"]])


def _in_proportion(drawn: Sequence[Drawn], sample: int) -> Drawn:
    """Splits the sample between languages in proportion to their candidates."""
    places = sum(each.places for each in drawn)
    shares = [round(sample * each.places / max(places, 1)) for each in drawn]
    mutants = [
        mutant for each, share in zip(drawn, shares, strict=True) for mutant in each.mutants[:share]
    ]
    return Drawn(places, mutants)


@dataclass(frozen=True)
class Equivalent:
    """An edit that changes nothing that a test could or should notice."""

    path: str
    before: str
    after: str
    why: str

    def is_about(self, mutant: Mutant) -> bool:
        return (self.path, self.before, self.after) == (
            mutant.path,
            _squeezed(mutant.before),
            _squeezed(mutant.after),
        )


def equivalents(file: Path = EQUIVALENT) -> list[Equivalent]:
    """Identified by the text of their lines, since line numbers move."""
    listed = tomllib.loads(file.read_text(encoding="utf-8")).get("mutant", [])
    return [Equivalent(**each) for each in listed]


def without(mutants: Iterable[Mutant], known: Sequence[Equivalent]) -> list[Mutant]:
    return [each for each in mutants if not any(known_one.is_about(each) for known_one in known)]


def _squeezed(lines: str) -> str:
    return " ".join(lines.split())
