"""No room names a capability outside the capability's own folders: a room iterates over manifests.

The test reads the code of every room, without docstrings and comments. Tests and docs may name
what they are about. A capability whose name is also an ordinary word is found as a module, as a
folder and as a quoted name. Any other name is found as a word in every identifier and string.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from config.capabilities import NAMES
from local.bootstrap import ROOT

ROOMS: Final = (
    "bench",
    "cf_functions",
    "config",
    "hosts",
    "lambdas",
    "local",
    "operations",
    "stacks",
)
ORDINARY: Final = {
    "archive",
    "creators",
    "data",
    "edge",
    "players",
    "scores",
    "secrets",
    "tunnels",
}
"""Creators have projects, an HTTP body is data, proxies make tunnels, and Python has secrets."""
_PACKAGES: Final = (
    "config.capabilities",
    "hosts",
    "lambdas",
    "local.seeds",
    "local.twins",
    "operations",
    "stacks",
)
"""A capability has a module or a package in each of them."""

EXCEPTIONS: Final = {
    ("config/capabilities/__init__.py", "*"): "the one list of names",
    ("config/capabilities/*.py", "telemetry"): "hosted by it, and their resources keep their names",
    ("config/capabilities/runner.py", "insights"): "hosted by it, and its API users run functions",
    ("config/names.py", "telemetry"): "parameters that are deployed keep their names",
    ("config/distribution.py", "edge"): "describes the APIs in the form that the patch reads",
    ("config/environments.py", "edge"): "the grants that the patch needs are the environment's",
    ("config/grants.py", "edge"): "checks the grants that the patch needs",
    ("config/edge_entries.py", "scores"): "games are part of the edge's protocol for scores",
    ("stacks/analytics/resources.py", "telemetry"): "its settings keep their names",
    ("stacks/archive/*.py", "telemetry"): "archives what telemetry's table holds, by its function",
    ("stacks/shared/packaging.py", "scores"): "puts the games where lambdas/scores reads them",
    ("stacks/shared/packaging.py", "data"): "botocore/data",
    ("stacks/archive/catalogue.py", "data"): "a column of the archive",
    ("hosts/*", "data"): "a field of messages",
    ("lambdas/*", "telemetry"): "fields and log names that are deployed keep their names",
    ("lambdas/*", "data"): "a field of events and requests",
    ("lambdas/*", "scores"): "a field of stored counters",
    ("lambdas/creators/api.py", "erasure"): "the creators' own route for it",
    ("lambdas/shared/records/*.py", "erasure"): "a creator's record of it",
    ("local/deploy.py", "edge"): "the drift guard is invoked here in place of EventBridge",
    ("local/deploy.py", "scores"): "a change of the scores' rules changes the edge's entries",
    ("local/edge/*", "data"): "a field of CloudFront's events",
    ("local/strict/*", "edge"): "uses the patch's table of CloudFront's fields",
    ("local/seeds/creators.py", "telemetry"): "the demo project's events, in its tables",
    ("local/status/server.py", "edge"): "a field of the status page",
    ("operations/data/costs.py", "telemetry"): "hosted by it: the API and its limits",
    ("operations/ci/built.py", "data"): "a filter of tarfile",
    ("lambdas/analytics/summaries.py", "players"): "a field of summaries",
    ("lambdas/shared/counters/table.py", "players"): "a field of stored counters",
    ("local/twins/players/*", "data"): "a field of X's answers",
    ("operations/costs/month.py", "players"): "an option that stands for plays",
    ("operations/players/*", "edge"): "a ban of a person holds at the edge, too",
    ("operations/players/*", "scores"): "a ban of a person holds on the boards, too",
    ("operations/scores/*", "players"): "a module about the players of boards",
    ("operations/creators/*", "telemetry"): "creators sign in by its settings, at its API",
    ("operations/deploy/assembly.py", "data"): "a field of the CDK's metadata",
    ("operations/edge/*", "data"): "a field of a request",
    ("operations/edge/*", "scores"): "the edge verifies plays by the rules of scores",
    ("operations/scores/*", "edge"): "the edge's store holds the thresholds of boards",
    ("operations/telemetry/probes.py", "analytics"): "one probe for the API that it hosts",
    ("operations/telemetry/probes.py", "data"): "one probe for the API that it hosts",
    ("operations/verify_aws/account.py", "edge"): "reads the distribution as the patch does",
    ("bench/*", "*"): "measures one capability each",
}
"""By file and capability: why the file may contain the name."""


class Named(NamedTuple):
    capability: str
    file: str
    line: int
    code: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} names {self.capability}: {self.code}"


def named_in(file: str, source: str, capabilities: Iterable[str] = NAMES) -> Iterator[Named]:
    """Each capability that the file names without belonging to it."""
    others = [each for each in capabilities if each not in re.split(r"[/.]", file)]
    tree = ast.parse(source)
    lines = source.splitlines()
    found = [*_words(source, _prose(tree)), *_modules(tree)]
    for capability in others:
        for line in sorted({line for line, word in found if _is(capability, word)}):
            yield Named(capability, file, line, lines[line - 1].strip())


def _is(capability: str, word: str) -> bool:
    """Whether a dotted module, a quoted name or an identifier names the capability."""
    if "." in word:
        return any(f"{word}.".startswith(f"{each}.{capability}.") for each in _PACKAGES)
    if word[0] in "'\"":
        quoted = re.search(rf"(?<![\w-]){capability}(?![\w-])", word)
        if capability in ORDINARY:
            quoted = re.search(rf"^['\"]{capability}['\"]$|\w/{capability}/", word)
        return quoted is not None
    parts = re.findall(r"[a-z]+|[A-Z]+(?![a-z])|[A-Z][a-z]+", word)
    return capability not in ORDINARY and capability in map(str.lower, parts)


def _words(source: str, prose: set[int]) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.start[0] in prose:
            continue
        if token.type == tokenize.NAME:
            yield token.start[0], token.string
        elif token.type in _TEXT:
            yield token.start[0], f"'{token.string.strip(_QUOTES).replace('.', ' ')}'"


_TEXT: Final = {tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)}
_QUOTES: Final = "rbfu'\""


def _modules(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every dotted name that is imported, and every one in a string."""
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(module), names=names):
                yield from ((node.lineno, f"{module}.{alias.name}") for alias in names)
            case ast.Import(names=names):
                yield from ((node.lineno, f"{alias.name}.") for alias in names)
            case ast.Constant(value=str(text)) if re.fullmatch(r"\w+(\.\w+)+", text):
                yield node.lineno, text


def _prose(tree: ast.Module) -> set[int]:
    """The lines of docstrings."""
    return {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }


@cache
def in_the_tree() -> list[Named]:
    files = [ROOT / "app.py", *(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))]
    return [
        each
        for path in files
        for each in named_in(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))
    ]


def covers(rule: tuple[str, str], named: Named) -> bool:
    file, capability = rule
    return fnmatch(named.file, file) and capability in {"*", named.capability}


def test_no_room_names_a_capability_that_is_not_its_own() -> None:
    wrong = [each for each in in_the_tree() if not any(covers(rule, each) for rule in EXCEPTIONS)]
    assert not wrong, "\n".join(["", *map(str, wrong)])


@pytest.mark.parametrize("rule", EXCEPTIONS, ids="-".join)
def test_every_exception_is_still_needed(rule: tuple[str, str]) -> None:
    assert any(covers(rule, each) for each in in_the_tree()), f"delete {rule}"


@pytest.mark.parametrize(
    ("source", "capability"),
    [
        ("from config.capabilities import data", "data"),
        ("from lambdas.data import routes", "data"),
        ("import operations.data.checks", "data"),
        ('load("stacks.data.resources")', "data"),
        ('open("lambdas/data/routes.py")', "data"),
        ('if name == "data": ...', "data"),
        ("TELEMETRY_INGEST = 1", "telemetry"),
        ("environment.telemetry", "telemetry"),
        ("class TelemetryStack: ...", "telemetry"),
        ('f"{base}/telemetry/{id}"', "telemetry"),
        ('stack = "htmlgame telemetry"', "telemetry"),
    ],
)
def test_a_name_is_found(source: str, capability: str) -> None:
    assert {each.capability for each in named_in("stacks/shared/x.py", source)} == {capability}


@pytest.mark.parametrize(
    "source",
    [
        '"""What telemetry sends."""',
        "# telemetry pays for it",
        "data = body.data",
        "import secrets",
        "from secrets import token_hex",
        'text = "the data of a session"',
        "creators = Creators(table)",
        "from config.capabilities import enabled",
    ],
)
def test_an_ordinary_word_is_none(source: str) -> None:
    assert list(named_in("stacks/shared/x.py", source)) == []


def test_a_capability_may_name_itself_in_its_own_folders() -> None:
    source = "from config.capabilities import telemetry"
    for file in ("stacks/telemetry/resources.py", "config/capabilities/telemetry.py"):
        assert list(named_in(file, source)) == []
    assert len(list(named_in("stacks/data/resources.py", source))) == 1


def test_the_rooms_are_all_of_the_projects_packages() -> None:
    """A new room is read, too."""
    ours = {path.parent.name for path in Path(ROOT).glob("*/__init__.py")}
    assert ours - {"tests"} <= set(ROOMS) | {"arcade", "sdk"}
