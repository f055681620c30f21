"""htmlgame insights."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager

from config.capabilities import insights
from lambdas.insights.failure_table import FailureTable
from lambdas.insights.failures import Failure
from lambdas.insights.table import InsightsTable
from lambdas.shared.values.clock import day_after, day_of
from local.dynamodb.tables import table_named
from tests.e2e.commands.stage import Change, Changes, Reading, Readings, Stage, Wrongs
from tests.e2e.visitor import eventually
from tests.lambdas.insights.logs import line, packed

FN = "python-get-ranking"
QUIET_DAY = day_after(day_of(time.time_ns() // 1_000_000), -5)
"""Nobody asks anything on it."""


def logged(stage: Stage) -> str:
    """The id of a request whose log line CloudFront has delivered, and which is counted."""
    now_ms = time.time_ns() // 1_000_000
    request_id = f"commands-{secrets.token_hex(8)}"
    written = line() | {
        "timestamp(ms)": str(now_ms),
        "x-edge-request-id": request_id,
        "sc-status": "404",
        "sc-content-type": "application/json;%20code=not_found",
    }
    name = f"{insights.RAW}/{request_id}.gz"
    bucket = stage.system.parameter(insights.BUCKET)
    stage.system.cloud.client("s3").put_object(Bucket=bucket, Key=name, Body=packed([written]))
    table = stage.table(InsightsTable, insights.TABLE.parameter)

    def counted() -> bool:
        return any(
            each.sample == request_id
            for _, _, total in table.hours(day_of(now_ms), FN)
            for each in total.refused.values()
        )

    assert eventually(counted, 60)
    return request_id


@contextmanager
def usage(stage: Stage) -> Iterator[Reading]:
    logged(stage)
    # In the first hour of a day, nothing is complete enough to compare.
    compared = {"comparison"} if time.gmtime().tm_hour else set()
    yield ["--fn", FN, "--compare"], FN, {"functions"} | compared


@contextmanager
def requests(stage: Stage) -> Iterator[Reading]:
    yield ["--id", logged(stage), "--status", "404"], "not_found", {"id"}


@contextmanager
def errors(stage: Stage) -> Iterator[Reading]:
    message = f"no row {secrets.token_hex(4)}"
    failure = Failure(fn=FN, code="KeyError", message=message, ms=time.time_ns() // 1_000_000)
    mark = secrets.token_hex(8)
    assert stage.table(FailureTable, insights.TABLE.parameter).add([failure], mark)
    yield [FN], message, {"refusals", "failures"}


@contextmanager
def restored(stage: Stage) -> Iterator[Change]:
    """A table with one item that the table in use lacks."""
    client, name = stage.system.cloud.client("dynamodb"), f"restored-{secrets.token_hex(4)}"
    used = stage.system.parameter(insights.TABLE.parameter)
    key = {"PK": {"S": f"FN#{name}"}, "SK": {"S": "python-lost"}}
    with table_named(client, name):
        client.put_item(TableName=name, Item=key)
        yield Change(
            [name, "--into", "InsightsTable"],
            question=f"Put 1 items of {name} into InsightsTable?",
            done="done: items 1",
            recorded={"restored": name, "into": "InsightsTable", "only": ""},
            again=f"InsightsTable has all 1 items of {name}",
        )
        assert client.get_item(TableName=used, Key=key)["Item"] == key
    client.delete_item(TableName=used, Key=key)


CHANGES: Changes = {"insights restore": restored}
READ: Readings = {
    "insights usage": usage,
    "insights errors": errors,
    "insights functions": (["Daily", "trim"], "python-trim-top", {"functions"}),
    "insights recount": (["--day", QUIET_DAY], "recounted", {"day", "functions"}),
}
IN_LINES: Readings = {"insights requests": requests}
WRONG: Wrongs = {
    "insights usage": [(["--days", "0"], 2, "'--days': 0 is not in the range")],
    "insights errors": [([], 2, "Missing argument 'FN'")],
    "insights requests": [
        (["--day", "soon"], 2, "--day: 'soon' is not a day such as 20"),
        (["--status", "6xx"], 2, "status: '6xx' has another form"),
        (["--minutes", "60", "--hour", "3"], 2, "--minutes: counted back from now"),
        (["--hour", "24"], 2, "--hour: '24' is not a number from 0 to 23"),
        (["--limit", "0"], 2, "'--limit': 0 is not in the range"),
    ],
    "insights functions": [(["--days", "7"], 2, "No such option '--days'")],
    "insights recount": [(["--day", "2020-01-01"], 2, "is not among the last 7 days")],
    "insights restore": [
        (["none", "--into", "ScoreTable"], 2, "--into: 'ScoreTable' is not one of InsightsTable"),
        (["none", "--into", "KeyTable"], 2, "RESTORED: there is no table 'none'"),
    ],
}
SOMETHING = {
    "insights errors": [FN],
    "insights restore": ["restored", "--into", "InsightsTable"],
}
