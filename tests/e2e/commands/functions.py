"""htmlgame functions. They ask a site with the key of an API user."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local.bootstrap import ROOT
from local.edge.server import LocalEdge
from operations.runner.commands import KEY
from tests.e2e.commands.api_users import api_user
from tests.e2e.commands.stage import Reading, Readings, Stage, Wrongs

NAME = "javascript-bonus"
EXAMPLE = str(ROOT / "examples" / "functions" / "daily-bonus")
SOURCE = 'function handler(day) { console.log("asked"); return { coins: day * 7 }; }'
FUNCTION = {
    *("project", "languageTitle", "language", "title", "description", "tags", "active"),
    *("version", "latestVersion", "createdAt", "createdBy", "updatedAt"),
}
CONTENT = {"description": "Coins of a day.", "examples": [{"input": 3, "output": {"coins": 21}}]}


@contextmanager
def site(stage: Stage) -> Iterator[tuple[str, str]]:
    """An API user whose key the commands send, and the address of the site."""
    edge = LocalEdge(stage.system.cloud, 0)
    edge.start()
    try:
        with pytest.MonkeyPatch.context() as patch, api_user(stage) as (user, key):
            patch.setenv(KEY, key.text)
            yield user, edge.url
    finally:
        edge.stop()


def folder(stage: Stage) -> Path:
    made = stage.folder / "bonus"
    made.mkdir()
    (made / "function.js").write_text(SOURCE)
    (made / "function.json").write_text(json.dumps(CONTENT))
    return made


@contextmanager
def pushed(stage: Stage) -> Iterator[tuple[str, str]]:
    with site(stage) as (user, url):
        said = stage.htmlgame("functions", "push", user, str(folder(stage)), "--site", url)
        assert said.code == 0, said.err
        yield user, url


@contextmanager
def listed(stage: Stage) -> Iterator[Reading]:
    with pushed(stage) as (user, url):
        yield [user, "--site", url], NAME, {"functions"}


@contextmanager
def new_version(stage: Stage) -> Iterator[Reading]:
    with site(stage) as (user, url):
        told = f"{NAME} runs version 1; 1 examples passed"
        yield [user, str(folder(stage)), "--site", url], told, FUNCTION | {"examplesRun"}


@contextmanager
def run(stage: Stage) -> Iterator[Reading]:
    with pushed(stage) as (user, url):
        yield [user, NAME, "5", "--site", url], '"coins": 35', {"answer", "cached", "version"}


@contextmanager
def logs(stage: Stage) -> Iterator[Reading]:
    with pushed(stage) as (user, url):
        stage.htmlgame("functions", "run", user, NAME, "5", "--site", url)
        yield [user, NAME, "--site", url], "info: asked", {"id"}


@contextmanager
def activated(stage: Stage) -> Iterator[Reading]:
    with pushed(stage) as (user, url):
        yield [user, NAME, "0", "--site", url], f"{NAME} is off", FUNCTION


READ: Readings = {
    "functions list": listed,
    "functions push": new_version,
    "functions run": run,
    "functions activate": activated,
}
IN_LINES: Readings = {"functions logs": logs}
_NO_KEY = "no API key; fix: export HTMLGAME_API_KEY="
WRONG: Wrongs = {
    "functions list": [([], 2, "Missing argument 'PROJECT'"), (["ann"], 1, _NO_KEY)],
    "functions push": [
        (["ann", "/no/such"], 2, "Directory '/no/such' does not exist"),
        (["ann", str(ROOT)], 2, "FOLDER: "),
        (["ann", EXAMPLE], 1, _NO_KEY),
    ],
    "functions run": [
        (["ann", NAME, "{"], 2, "INPUT: not JSON: "),
        (["ann", NAME], 1, _NO_KEY),
    ],
    "functions logs": [
        (["ann", NAME, "--limit", "0"], 2, "'--limit': 0 is not in the range"),
        (["ann", NAME], 1, _NO_KEY),
    ],
    "functions activate": [
        (["ann", NAME, "two"], 2, "'VERSION': 'two' is not a valid integer"),
        (["ann", NAME, "1"], 1, _NO_KEY),
    ],
}
SOMETHING = {
    "functions list": ["ann"],
    "functions push": ["ann", EXAMPLE],
    "functions run": ["ann", NAME],
    "functions logs": ["ann", NAME],
    "functions activate": ["ann", NAME, "1"],
}
