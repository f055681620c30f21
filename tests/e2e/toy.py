"""A capability that is made of folders and one line. CONTRIBUTING.md shows parts of it."""

from pathlib import Path
from typing import Final

SOURCES: Final = {
    "config/capabilities/notes.py": '''"""Notes: short texts that people leave."""

from typing import Final

from config import names
from config.alarms import Alarm
from config.manifest import Capability, Function, Table, own_endpoint, own_pattern
from config.units import THROUGH_THE_SITE, Usage

ENDPOINT: Final = own_endpoint("notes")
TABLE: Final = Table(
    id="NotesTable",
    parameter=names.parameter("notes", "table"),
    eraser_may=("Query", "BatchWriteItem"),
)
NOTES: Final = Function(id="Notes", name=f"{names.PROJECT}-notes", module="lambdas.notes.api")
NOTE: Final = THROUGH_THE_SITE + Usage({"dynamodb.writes": 1})

CAPABILITY: Final = Capability(
    name="notes",
    summary="Short texts that people leave.",
    always=True,
    functions=(NOTES,),
    tables=(TABLE,),
    endpoints=(ENDPOINT,),
    patterns=(own_pattern("notes"),),
    alarms=(
        Alarm(
            name="notes-slow",
            means="A note takes longer than a second.",
            first="read the log of htmlgame-notes.",
            metric="Duration",
            namespace="AWS/Lambda",
            dimensions=(("FunctionName", NOTES.name),),
            statistic="Maximum",
            period=300,
            threshold=1000,
        ),
    ),
    units={"note": NOTE},
)
''',
    "lambdas/notes/__init__.py": "",
    "lambdas/notes/routes.py": '''"""Notes, by the person who left them."""

from typing import Final

from lambdas.shared.http.routes import Routes

ROUTES: Final = Routes("/notes", list="GET /{person}", add="POST /{person}")
''',
    "lambdas/notes/settings.py": '''"""The settings of the function for notes."""

from dataclasses import dataclass

from lambdas.shared.settings import Settings


@dataclass(frozen=True, kw_only=True)
class NotesSettings(Settings):
    notes_table: str
    origin_lock_parameter: str
    notes_path: str


@dataclass(frozen=True, kw_only=True)
class ErasableSettings(Settings):
    notes_table: str
''',
    "lambdas/notes/api.py": '''"""{API}/notes/{person}"""

import time
from functools import partial

import boto3
from aws_lambda_powertools import Logger

from lambdas.notes.routes import ROUTES
from lambdas.notes.settings import NotesSettings
from lambdas.shared.aws import CONFIG
from lambdas.shared.http.endpoint import Answer, dispatch, endpoint
from lambdas.shared.http.origin_lock import origin_lock
from lambdas.shared.http.requests import Request
from lambdas.shared.keys.parameters import read_parameter

settings = NotesSettings.from_environment()
logger = Logger(service="notes")
client = boto3.client("dynamodb", config=CONFIG)


def _list(request: Request) -> Answer:
    found = client.query(
        TableName=settings.notes_table,
        KeyConditionExpression="PK = :person",
        ExpressionAttributeValues={":person": {"S": request.path["person"]}},
    )
    return Answer({"notes": [item["text"]["S"] for item in found["Items"]]})


def _add(request: Request) -> Answer:
    key = {"PK": {"S": request.path["person"]}, "SK": {"S": f"N#{time.time_ns()}"}}
    item = {**key, "text": {"S": request.body.decode()}}
    client.put_item(TableName=settings.notes_table, Item=item)
    return Answer({"ok": True})


handler = endpoint(
    dispatch(ROUTES.keys(settings.notes_path), {"list": _list, "add": _add}),
    lock=origin_lock(partial(read_parameter, settings.origin_lock_parameter), logger),
    logger=logger,
)
''',
    "lambdas/notes/erasable.py": '''"""Finds the notes of a person."""

from collections.abc import Iterator
from typing import Any

from lambdas.notes.settings import ErasableSettings
from lambdas.shared.erasing import Erasable, Step, Sweep, step_of
from lambdas.shared.records.jobs import Job


class Notes(Erasable):
    order = 6
    name = "notes"

    def of_creator(self, job: Job, _last: str) -> Iterator[Step]:
        yield step_of(Sweep("notes", job.creator_id, lambda _: "notes"))


def erasable(client: Any) -> Notes:
    return Notes(client, ErasableSettings.from_environment().notes_table)
''',
    "stacks/notes/__init__.py": "",
    "stacks/notes/resources.py": '''"""Builds the function for notes."""

from config import names, paths
from config.capabilities import notes
from lambdas.notes.routes import ROUTES
from lambdas.notes.settings import NotesSettings
from stacks.shared.capability_stack import CapabilityStack


def build(stack: CapabilityStack) -> None:
    table = stack.table_of(notes.CAPABILITY, notes.TABLE)
    function = stack.function(
        notes.NOTES,
        NotesSettings(
            notes_table=table.table_name,
            origin_lock_parameter=names.ORIGIN_LOCK,
            notes_path=f"{paths.API_BASE_PATH}{ROUTES.prefix}",
        ),
    )
    table.grant(function, "dynamodb:Query", "dynamodb:PutItem")
    function.allow_parameter(names.ORIGIN_LOCK, "GetParameter")
    stack.serve(ROUTES, function)
''',
    "operations/notes/__init__.py": "",
    "operations/notes/commands.py": '''"""htmlgame notes"""

from config.capabilities import notes as notes_manifest
from operations.cli.command import command
from operations.cli.session import Session


@command("notes")
def notes(session: Session) -> None:
    """Count the notes."""
    name = session.parameter(notes_manifest.TABLE.parameter, notes_manifest.CAPABILITY.stack)
    found = session.target.shared("dynamodb").scan(TableName=name, Select="COUNT")["Count"]
    session.output.document({"notes": found}, lambda: session.output.say(f"{found} notes"))
''',
    "operations/notes/probes.py": '''"""The API for notes."""

from config import paths
from config.capabilities import notes
from operations.doctor.probe import Probe, Question


def probe() -> Probe:
    listed = Question("GET", f"{paths.API_BASE_PATH}/notes/doctor", 200, notes.NOTES.name)
    return Probe(
        name="notes API",
        parameter=notes.ENDPOINT.parameter,
        stack=notes.CAPABILITY.stack,
        locked=(listed,),
        public=listed,
    )
''',
    "operations/notes/checks.py": '''"""The API for notes."""

from operations.cli.session import Session
from operations.doctor.check import check
from operations.doctor.probe import check_api
from operations.notes.probes import probe


@check("notes API")
def api(session: Session) -> str:
    return check_api(session, probe())
''',
    "operations/notes/costs.py": '''"""What notes cost: one for each play."""

from collections.abc import Iterator

from config.capabilities.notes import NOTE
from config.environments import Environment
from operations.costs.month import Month
from operations.costs.part import Part


def parts(month: Month, _environment: Environment) -> Iterator[Part]:
    yield Part("notes", NOTE * month.plays)
''',
}
"""Every file of the capability."""

_LIST: Final = Path("config/capabilities/__init__.py")
_LAST: Final = '    "archive",\n'
_LINE: Final = '    "notes",\n'


def add(tree: Path) -> None:
    for name, source in SOURCES.items():
        file = tree / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source, encoding="utf-8")
    _replace(tree / _LIST, _LAST, _LAST + _LINE)


def remove(tree: Path) -> None:
    for name in SOURCES:
        (tree / name).unlink()
    _replace(tree / _LIST, _LINE, "")


def _replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")
