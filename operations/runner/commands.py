"""htmlgame functions: small functions that creators write"""

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import click
import urllib3

from config import names
from config.paths import API_BASE_PATH
from lambdas.runner.functions import LANGUAGE
from lambdas.shared.values.clock import iso
from local.access.running import running_site
from operations.cli.command import command
from operations.cli.output import Json, short_time
from operations.cli.session import Session
from operations.errors import OperatorError, WrongArgument

KEY: Final = "HTMLGAME_API_KEY"
_SECONDS: Final = 30
_EVERY_SECONDS: Final = 2
"""30 requests of the user's minute."""


class NoKey(OperatorError):
    code = "no_key"

    def __init__(self) -> None:
        super().__init__(
            f"no API key; fix: export {KEY}=hg_live_…, which htmlgame api-users create prints"
        )


class Answered(OperatorError):
    """The API refused the request."""

    code = "refused"

    def __init__(self, status: int, said: Any) -> None:
        error = said.get("error", {}) if isinstance(said, dict) else {}
        super().__init__(f"{status} {error.get('code', '')}: {error.get('message', said)}")


@click.group("functions")
def functions() -> None:
    """Push, run and watch functions, with the API key of their user."""


_site = click.option(
    "--site",
    default="",
    help="The site's address, such as https://games.example.com; the deployed one without it.",
)
_project = click.argument("project")
_function = click.argument("function")


@command("list")
@_project
@_site
def list_functions(session: Session, project: str, site: str) -> None:
    """List the functions of an API user."""
    found = _ask(session, site, "GET", project)["functions"]

    def show() -> None:
        rows = [
            [
                each["languageTitle"],
                each["version"] or "off",
                each["latestVersion"],
                each["description"],
            ]
            for each in found
        ]
        session.output.table(["function", ">runs version", ">latest", "~what it does"], rows)

    session.output.document({"functions": found}, show)


@command("push")
@_project
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@_site
def push(session: Session, project: str, folder: Path, site: str) -> None:
    """Push a folder with function.js and function.json as a new version.

    The examples of function.json run first; a version that fails one is not taken.
    """
    try:
        said = json.loads((folder / "function.json").read_text(encoding="utf-8"))
        source = (folder / "function.js").read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise WrongArgument("FOLDER", f"{folder}: {error}") from None
    name = f"{LANGUAGE}-{folder.resolve().name}"
    pushed = _ask(session, site, "PUT", f"{project}/{name}", {**said, "source": source})
    session.output.document(
        pushed,
        lambda: session.output.say(
            f"{name} runs version {pushed['version']}; {pushed['examplesRun']} examples passed"
        ),
    )


@command("run")
@_project
@_function
@click.argument("input", required=False, default="null")
@_site
def run(session: Session, project: str, function: str, input: str, site: str) -> None:
    """Run a function with an input, which is JSON."""
    try:
        given = json.loads(input)
    except ValueError as error:
        raise WrongArgument("INPUT", f"not JSON: {error}") from None
    answered = _ask(session, site, "POST", f"{project}/{function}", {"input": given})
    session.output.document(
        answered, lambda: session.output.say(json.dumps(answered["answer"], indent=2))
    )


@command("logs")
@_project
@_function
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 100))
@click.option("--follow", is_flag=True, help="Go on with new runs until Ctrl-C.")
@_site
def logs(
    session: Session, project: str, function: str, limit: int, site: str, *, follow: bool
) -> None:
    """Show the latest runs that failed or logged something; with --follow, new ones, too."""

    def latest() -> list[Json]:
        items = _ask(session, site, "GET", f"{project}/{function}/runs?limit={limit}")["items"]
        return list(reversed(items))

    runs = followed(latest) if follow else iter(latest())
    session.output.lines(runs, lambda each: _show(session, each, follow=follow))


def followed(
    latest: Callable[[], list[Json]], wait: Callable[[float], None] = time.sleep
) -> Iterator[Json]:
    """Each run once, the oldest first."""
    seen: set[str] = set()
    while True:
        for each in latest():
            if each["id"] not in seen:
                seen.add(each["id"])
                yield each
        wait(_EVERY_SECONDS)


def _show(session: Session, found: Iterable[Json], *, follow: bool) -> None:
    nothing = True
    for each in found:
        nothing = False
        _show_run(session, each)
    if nothing and not follow:
        session.output.say("no run failed or logged within the last seven days")


def _show_run(session: Session, each: Json) -> None:
    at = short_time(iso(each["ms"])) or ""
    session.output.say(f"{at}  version {each['version']}  {each['tookMs']} ms")
    for line in each["logs"]:
        session.output.verbatim(f"  {line['level']}: {line['text']}\n")
    if each["error"]:
        session.output.verbatim(f"  {each['error']['code']}: {each['error']['message']}\n")


@command("activate")
@_project
@_function
@click.argument("version", type=click.IntRange(0))
@_site
def activate(session: Session, project: str, function: str, version: int, site: str) -> None:
    """Run another version from now on; 0 switches the function off."""
    body = {"version": version or None}
    said = _ask(session, site, "POST", f"{project}/{function}/activate", body)
    runs = f"runs version {version}" if version else "is off"
    session.output.document(said, lambda: session.output.say(f"{function} {runs}"))


def _ask(session: Session, site: str, method: str, path: str, body: Any = None) -> Any:
    address = site or _deployed_site(session)
    key = os.environ.get(KEY, "")
    if not key:
        raise NoKey
    answer = urllib3.request(
        method,
        f"{address}{API_BASE_PATH}/functions/{path}",
        headers={"Authorization": f"Bearer {key}"},
        body=None if body is None else json.dumps(body).encode(),
        timeout=_SECONDS,
        retries=False,
    )
    try:
        said = answer.json()
    except ValueError:
        said = answer.data[:200].decode(errors="replace")
    if answer.status != 200:
        raise Answered(answer.status, said)
    return said


def _deployed_site(session: Session) -> str:
    distribution_id = session.parameter(names.DISTRIBUTION_ID, names.FRONT_STACK)
    if session.target.is_local:
        return running_site()
    described = session.target.shared("cloudfront").get_distribution(Id=distribution_id)
    return f"https://{described['Distribution']['DomainName']}"


for each in (list_functions, push, run, logs, activate):
    functions.add_command(each)
