"""An endpoint's answers and log lines when a request fails."""

import io
import json
from itertools import count
from typing import Any

import pytest
from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError

from lambdas.shared.http.endpoint import Answer, endpoint
from lambdas.shared.http.errors import Busy, Malformed, Unknown
from lambdas.shared.http.origin_lock import OriginLock

_numbers = count()


class Context:
    aws_request_id = "request-1"


class Endpoint:
    def __init__(self, outcome: Answer | Exception) -> None:
        self.stream = io.StringIO()
        self.asked = 0
        self._outcome = outcome
        self._handler = endpoint(
            self._answer,
            lock=OriginLock(lambda: "secret"),
            # Loggers of one name share their stream.
            logger=Logger(service=f"test-{next(_numbers)}", stream=self.stream),
        )

    def _answer(self, _: Any) -> Answer:
        self.asked += 1
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome

    def call(self, **headers: str) -> Any:
        event = {"headers": {"x-origin-verify": "secret"} | headers, "routeKey": "GET /x"}
        return self._handler(event, Context())

    @property
    def logged(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]


def throttled(code: str = "ThrottlingException") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": ""}}, "Query")


def test_an_answer_is_json_that_is_not_kept_unless_it_says_so() -> None:
    kept, not_kept = Endpoint(Answer({"a": "é"}, "s-maxage=1")), Endpoint(Answer({}))
    response = kept.call()
    assert response["statusCode"] == 200
    assert response["body"] == '{"a":"é"}'
    assert response["headers"]["cache-control"] == "s-maxage=1"
    assert not_kept.call()["headers"]["cache-control"] == "no-store"


def test_the_content_type_of_answers_and_refusals_has_the_measures() -> None:
    class Measured(Unknown):
        code = "unknown_thing"
        measured = {"kb": 5}  # noqa: RUF012

    answered = Endpoint(Answer({}, measured={"kb": 12, "cpu": 3})).call()
    assert answered["headers"]["content-type"] == "application/json; charset=utf-8; kb=12; cpu=3"
    refused = Endpoint(Measured("no such thing")).call()
    assert refused["headers"]["content-type"].endswith("; code=unknown_thing; kb=5")


@pytest.mark.parametrize("presented", ["", "wrong", "sécret", "\udce9"])
def test_without_the_origin_lock_nothing_is_even_asked(presented: str) -> None:
    served = Endpoint(Answer({}))
    response = served.call(**{"x-origin-verify": presented})
    assert response["statusCode"] == 403
    assert json.loads(response["body"])["error"]["code"] == "origin_not_verified"
    assert served.asked == 0


@pytest.mark.parametrize(
    ("failure", "status", "code", "message"),
    [
        (Malformed("limit", "not a number"), 400, "malformed", "limit: not a number"),
        (Unknown("gameId: none"), 404, "unknown", "gameId: none"),
        (Busy(), 503, "busy", "too many requests at once"),
        (throttled(), 503, "busy", "too many requests at once"),
        (KeyError("x"), 500, "internal", "its log has request request-1"),
        (ClientError({"Error": {"Code": "AccessDenied"}}, "Query"), 500, "internal", "request-1"),
    ],
)
def test_each_failure_has_its_status_and_its_sentence(
    failure: Exception, status: int, code: str, message: str
) -> None:
    response = Endpoint(failure).call()
    error = json.loads(response["body"])["error"]
    assert (response["statusCode"], error["code"]) == (status, code)
    assert message in error["message"]
    assert response["headers"]["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "code",
    ["ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException"],
)
def test_a_throttled_client_gets_a_retry_after(code: str) -> None:
    served = Endpoint(throttled(code))
    response = served.call()
    assert (response["statusCode"], response["headers"]["retry-after"]) == (503, "1")
    [line] = served.logged
    assert (line["level"], line["refused"], line["cause"]) == ("INFO", "busy", code)


@pytest.mark.parametrize(
    "outcome", [Answer({}), Malformed("limit", "not a number"), throttled(), KeyError("x")]
)
def test_no_browser_guesses_another_type_than_the_answer_names(outcome: Answer | Exception) -> None:
    """A name in an answer may look like HTML."""
    headers = Endpoint(outcome).call()["headers"]
    assert headers["content-type"].startswith("application/json; charset=utf-8")
    assert headers["x-content-type-options"] == "nosniff"


def test_a_refusal_is_logged_by_its_code_and_status() -> None:
    served = Endpoint(Malformed("limit", "not a number"))
    served.call()
    [line] = served.logged
    assert (line["message"], line["status"], line["refused"]) == ("GET /x", 400, "malformed")
    assert line["request_id"] == "request-1"


def test_the_throttled_operation_is_named_in_the_log_line() -> None:
    served = Endpoint(throttled())
    served.call()
    [line] = served.logged
    assert (line["cause"], line["operation"]) == ("ThrottlingException", "Query")


def test_a_request_is_one_line_of_log() -> None:
    served = Endpoint(Answer({}, log={"game": "snake"}))
    served.call()
    [line] = served.logged
    assert (line["message"], line["status"], line["game"]) == ("GET /x", 200, "snake")
    assert line["request_id"] == "request-1"


def test_a_line_carries_the_edges_id_of_the_request() -> None:
    served, failed = Endpoint(Answer({})), Endpoint(KeyError("the cause"))
    served.call(**{"x-amz-cf-id": "edge-1"})
    failed.call(**{"x-amz-cf-id": "edge-2" + "x" * 100})
    assert served.logged[0]["edge_id"] == "edge-1"
    assert failed.logged[0]["edge_id"] == "edge-2" + "x" * 58


def test_an_unknown_failure_is_logged_once_with_its_cause() -> None:
    served = Endpoint(KeyError("the cause"))
    response = served.call()
    [line] = served.logged
    assert "the cause" in line["exception"]
    assert "the cause" not in response["body"]
