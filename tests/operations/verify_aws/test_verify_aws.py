"""make verify-aws without a deployed system: how it runs, what it refuses, what it prints."""

import json
import time
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from cf_functions.harness import NODE, Call, Store, run
from config.edge_entries import edge_entries
from config.games import load_games
from lambdas.shared.edge_store import CURRENT_KEY
from operations.edge.rehearsal import Rehearsal
from operations.errors import NotDeployed
from operations.findings import Broken, Finding, Skipped
from operations.site.smoke import choose
from operations.verify_aws import check as checking
from operations.verify_aws import page, report
from operations.verify_aws.account import Account, NothingDeployed
from operations.verify_aws.aws_schedules_checks import period_ms
from operations.verify_aws.check import AwsCheck, Need
from operations.verify_aws.commands import checks as all_checks
from operations.verify_aws.read_only import WriteRefused, is_read, read_only
from tests.engines import require

HOUR_MS = 3_600_000
NOBODY = cast("Account", SimpleNamespace())


def a_check(
    look: Any = lambda _: "all is well",
    *,
    name: str = "it",
    needs: tuple[Need, ...] = (),
    decisive: bool = False,
) -> AwsCheck:
    return AwsCheck(name, "It works.", "Nothing here.", "Yes.", needs, decisive, look)


def raising(error: Exception) -> AwsCheck:
    def look(_: Account) -> str:
        raise error

    return a_check(look)


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "GetKeyRotationStatus")


def test_a_check_that_passes_is_reported_with_its_evidence() -> None:
    result = a_check().run(NOBODY)
    assert (result.state, result.detail, result.fix) == ("ok", "all is well", "")


@pytest.mark.parametrize(
    ("error", "evidence", "fix"),
    [
        (Broken("it is off", "turn it on"), "it is off", "turn it on"),
        (refused("ValidationException"), "ValidationException", ""),
        (EndpointConnectionError(endpoint_url="https://x"), "https://x", ""),
        (KeyError("oops"), "the check itself failed: KeyError('oops')", ""),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_check_that_fails_is_reported_with_the_fix(
    error: Exception, evidence: str, fix: str
) -> None:
    result = raising(error).run(NOBODY)
    assert (result.state, result.fix) == ("broken", fix)
    assert evidence in result.detail


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (Skipped("ops is None"), "ops is None"),
        (NotDeployed("/htmlgame/x", "EdgeStack"), "not deployed: there is no parameter"),
        (NothingDeployed("there is no OpsStack"), "not deployed: there is no OpsStack"),
        (refused("AccessDenied"), "not allowed: GetKeyRotationStatus"),
        (refused("AccessDeniedException"), "not allowed: GetKeyRotationStatus"),
        (refused("UnauthorizedOperation"), "not allowed: GetKeyRotationStatus"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_check_that_cannot_run_says_why(error: Exception, why: str) -> None:
    result = raising(error).run(NOBODY)
    assert result.state == "skipped"
    assert result.detail.startswith(why)


def test_a_check_is_not_asked_for_what_it_lacks() -> None:
    lacking = Need(lambda _: "no site to ask")
    result = a_check(lambda _: pytest.fail("asked"), needs=(lacking,)).run(NOBODY)
    assert (result.state, result.detail) == ("skipped", "no site to ask")


def verdicts(checks: Sequence[AwsCheck]) -> dict[str, str]:
    return {each.name: each.state for each in checking.run(checks, NOBODY)}


def test_one_that_fails_does_not_stop_the_rest() -> None:
    def fails(_: Account) -> str:
        raise Broken("off", "on")

    checks = [a_check(fails, name="first"), a_check(name="second")]
    assert verdicts(checks) == {"first": "broken", "second": "ok"}


def test_without_credentials_nothing_else_is_asked() -> None:
    def fails(_: Account) -> str:
        raise Broken("none", "log in")

    first = a_check(fails, name="credentials", decisive=True)
    found = list(checking.run([first, a_check(name="rest")], NOBODY))
    assert [each.state for each in found] == ["broken", "skipped"]
    assert found[1].detail == "not checked, because of credentials"


def test_evidence_is_one_line() -> None:
    assert a_check(lambda _: "one\n  two").run(NOBODY).detail == "one two"


def test_every_check_says_what_it_claims_and_has_a_name_of_its_own() -> None:
    assert len({each.name for each in all_checks()}) == len(all_checks()) > 30
    for each in all_checks():
        for text in (each.claim, each.laptop, each.good):
            assert text.endswith("."), each.name
            assert "|" not in text, "each is a cell of a table in docs/operate/proven.md"


def test_the_page_lists_the_checks_as_they_run() -> None:
    rows = page.sections()["checks"].splitlines()[2:]
    assert rows == [f"| {e.name} | {e.claim} | {e.laptop} | {e.good} |" for e in all_checks()]


def test_only_the_credentials_are_decisive() -> None:
    assert (
        [each.name for each in all_checks() if each.decisive]
        == [all_checks()[0].name]
        == ["credentials"]
    )


@pytest.mark.parametrize(
    ("service", "operation", "arguments"),
    [
        ("cloudfront", "create_invalidation", {"DistributionId": "E1", "InvalidationBatch": {}}),
        ("dynamodb", "put_item", {"TableName": "t", "Item": {}}),
        ("lambda", "invoke", {"FunctionName": "f"}),
        ("logs", "put_retention_policy", {"logGroupName": "g", "retentionInDays": 1}),
        ("sts", "get_session_token", {}),
        ("sts", "assume_role", {"RoleArn": "r" * 20, "RoleSessionName": "me"}),
        ("ssm", "delete_parameter", {"Name": "n"}),
        ("kms", "decrypt", {"CiphertextBlob": b"x"}),
    ],
)
def test_a_call_that_is_not_a_read_never_leaves_this_machine(
    service: str, operation: str, arguments: dict[str, Any]
) -> None:
    client = read_only(boto3.Session(region_name="us-east-1")).client(
        service, endpoint_url="http://127.0.0.1:9"
    )
    with pytest.raises(WriteRefused, match=rf"{service}:\w+ is not a read"):
        getattr(client, operation)(**arguments)
    client.close()


def test_reads_and_test_function_pass() -> None:
    assert all(map(is_read, ("DescribeTable", "ListKeys", "FilterLogEvents", "TestFunction")))
    assert not any(map(is_read, ("UpdateDistribution", "StartQuery", "GetSessionToken")))


@pytest.mark.parametrize(
    ("expression", "hours"),
    [
        ("rate(1 hour)", 1),
        ("rate(30 days)", 720),
        ("rate(5 minutes)", 1 / 12),
        ("cron(10 0 * * ? *)", 24),
        ("cron(20 * * * ? *)", 1),
        ("cron(0 3 1 * ? *)", 31 * 24),
    ],
)
def test_a_schedule_gives_its_longest_pause(expression: str, hours: float) -> None:
    assert period_ms(expression) == hours * HOUR_MS


def results() -> list[Finding]:
    return [
        Finding("ok", "6 complete", name="stacks", seconds=0.84),
        Finding("broken", "403 by /index.html", "move it", "error pages", 0.1),
        Finding("skipped", "not allowed: DescribeBudget", name="budget"),
    ]


def test_people_get_a_line_for_each_check(capsys: pytest.CaptureFixture[str]) -> None:
    checks = [a_check(name=each.name) for each in results()]
    assert not report.show(checks, results())
    assert capsys.readouterr().out.splitlines() == [
        "✓ stacks        0.8 s  6 complete",
        "✗ error pages   0.1 s  403 by /index.html",
        "                       → move it",
        "– budget        0.0 s  not allowed: DescribeBudget",
        "",
        "1 check ✓, 1 ✗, 1 – (not checked)",
    ]
    assert report.show(checks, [each for each in results() if each.state != "broken"])


def test_programs_get_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    checks = [a_check(name=each.name) for each in results()]
    assert not report.document(checks, results())
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is False
    assert told["checks"][1] == {
        "check": "error pages",
        "claim": "It works.",
        "verdict": "wrong",
        "evidence": "403 by /index.html",
        "fix": "move it",
        "seconds": 0.1,
    }
    assert [each["verdict"] for each in told["checks"]] == ["holds", "wrong", "not checked"]


class Engine:
    """CloudFront's TestFunction, on the engine of this machine."""

    def __init__(self, values: dict[str, str], share: int = 40) -> None:
        self._store, self._share = Store(values), share
        self.asked: list[str] = []
        self.failure = ""

    def describe_function(self, **asked: str) -> Any:
        assert asked["Stage"] == "LIVE"
        return {"ETag": f"etag of {asked['Name']}"}

    def test_function(self, **asked: Any) -> Any:
        name = asked["Name"]
        assert asked["IfMatch"] == f"etag of {name}"
        assert asked["Stage"] == "LIVE"
        self.asked.append(name)
        event = json.loads(asked["EventObject"])
        source = name.removeprefix("htmlgame-").replace("-", "_")
        [outcome] = run(NODE, [Call(source, event, self._store, now_ms())])
        kind = "response" if "statusCode" in outcome.answer else "request"
        return {
            "TestResult": {
                "ComputeUtilization": str(self._share),
                "FunctionOutput": json.dumps({kind: outcome.answer}),
                "FunctionErrorMessage": self.failure,
            }
        }


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def stored(**changes: str) -> dict[str, str]:
    entries = {key: json.dumps(entry) for key, entry in edge_entries(load_games()).items()}
    return {**entries, CURRENT_KEY: f"k1:{'s' * 43}", **changes}


PLAN = choose(load_games(), None)


def test_an_honest_play_is_rehearsed_on_all_three_functions() -> None:
    require(NODE.path, "node is not installed")
    engine = Engine(stored())
    used = Rehearsal(engine, "d111.cloudfront.net").play(PLAN)
    assert used == {"htmlgame-get-start": 40, "htmlgame-get-end": 40, "htmlgame-validate": 40}
    assert engine.asked == ["htmlgame-get-start", "htmlgame-get-end", "htmlgame-validate"]


def test_a_function_that_refuses_an_honest_play_is_wrong() -> None:
    require(NODE.path, "node is not installed")
    engine = Engine(stored(**{CURRENT_KEY: "short"}))
    with pytest.raises(Broken, match="htmlgame-get-start answers an honest play with 503"):
        Rehearsal(engine, "d111.cloudfront.net").play(PLAN)


def test_a_function_that_throws_is_wrong() -> None:
    require(NODE.path, "node is not installed")
    engine = Engine(stored())
    engine.failure = "The function tried to use destructuring"
    with pytest.raises(Broken, match="htmlgame-get-start failed: The function tried"):
        Rehearsal(engine, "d111.cloudfront.net").play(PLAN)


def test_a_play_that_the_edge_may_refuse_is_good_enough() -> None:
    """The board may be full: that, too, runs all of validate."""
    require(NODE.path, "node is not installed")
    entry = edge_entries(load_games())[f"cfgthr#g:{PLAN.game_id}#p:{PLAN.board}"]
    full = json.dumps(entry | {"from": 0, "until": 0, "thr": [9999, 1000, 0]})
    engine = Engine(stored(**{f"cfgthr#g:{PLAN.game_id}#p:{PLAN.board}": full}))
    assert "htmlgame-validate" in Rehearsal(engine, "d111.cloudfront.net").play(PLAN)
