"""The emulator's answers to pages, to programs without credentials, and to the local edge."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest
import urllib3
from botocore.exceptions import ClientError
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from local.cloud import Cloud
from local.strict.door import CONFLICTS, CONTROL_HEADER, SITE_HEADER

_POOL = urllib3.PoolManager(retries=False)
_PAGES = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost:8000"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Referer": "https://evil.example/"},
)
_CONTROLS = (
    ("POST", "/_ministack/reset"),
    ("POST", "/_ministack/reset?init=1"),
    ("POST", "/_ministack/config"),
    ("GET", "/_ministack/lambda-code/000000000000/us-east-1/any"),
    ("GET", "/_ministack/lambda-layers/000000000000/us-east-1/any/1/content"),
    ("GET", "/_ministack/ses/messages"),
    ("GET", "/_ministack/sqs/messages"),
    ("GET", "/_localstack/anything"),
    ("POST", CONFLICTS),
)


def ask(
    cloud: Cloud,
    path: str,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> tuple[int, str]:
    answer = _POOL.request(method, f"{cloud.url}{path}", headers=headers, body=body)
    return answer.status, answer.data.decode()


def a_parameter_is_kept(cloud: Cloud) -> bool:
    parameters = cloud.client("ssm").get_parameters(Names=["/kept"])["Parameters"]
    return bool(parameters)


@pytest.fixture(autouse=True)
def _something_to_lose(strict: Cloud) -> None:
    strict.client("ssm").put_parameter(Name="/kept", Value="x", Type="String", Overwrite=True)


@pytest.mark.parametrize("headers", _PAGES)
@pytest.mark.parametrize("path", ["/", "/_ministack/health", "/_ministack/reset", "/a-bucket/key"])
def test_a_page_gets_nothing_whatever_it_asks(
    strict: Cloud, headers: dict[str, str], path: str
) -> None:
    for method in ("GET", "POST", "OPTIONS"):
        answer = _POOL.request(method, f"{strict.url}{path}", headers=headers)
        assert answer.status == 403
        assert "pages must not call the local cloud" in answer.data.decode()
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]
    assert a_parameter_is_kept(strict)


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example:4566", "0.0.0.0"])
def test_a_foreign_name_that_resolves_to_this_machine_is_refused(strict: Cloud, host: str) -> None:
    for path in ("/", "/_ministack/health"):
        status, said = ask(strict, path, headers={"Host": host})
        assert status == 421
        assert f"Host {host} does not name this machine" in said


@pytest.mark.parametrize(("method", "path"), _CONTROLS)
@pytest.mark.parametrize("key", [None, "", "wrong"])
def test_controls_need_the_key(strict: Cloud, method: str, path: str, key: str | None) -> None:
    headers = {} if key is None else {CONTROL_HEADER: key}
    status, said = ask(strict, path, method, headers, b"{}" if method == "POST" else None)
    assert status == 403
    assert "needs the key" in said
    assert a_parameter_is_kept(strict)


def test_the_key_for_the_site_opens_no_control(strict: Cloud) -> None:
    headers = {SITE_HEADER: strict.door_key}
    assert ask(strict, "/_ministack/reset", "POST", headers)[0] == 403


def test_the_key_opens_controls_and_reset_forgets_everything(strict: Cloud) -> None:
    headers = {CONTROL_HEADER: strict.door_key}
    assert ask(strict, "/_ministack/reset", "POST", headers)[0] == 200
    assert not a_parameter_is_kept(strict)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b"null", b'{"table": "t"}', b'{"times": "many"}', b"x" * 70_000]
)
def test_a_control_that_cannot_be_read_says_what_it_takes(strict: Cloud, body: bytes) -> None:
    headers = {CONTROL_HEADER: strict.door_key}
    status, said = ask(strict, CONFLICTS, "POST", headers, body)
    assert status == 400
    assert "the body:" in said


def test_health_is_for_every_program(strict: Cloud) -> None:
    assert ask(strict, "/_ministack/health")[0] == 200


def test_nobody_is_let_in_without_the_right_secret(strict: Cloud) -> None:
    ours = strict.credentials()
    for key_id, secret in (
        ("test", "test"),
        ("test", ours["AWS_SECRET_ACCESS_KEY"]),
        ("000000000000", "test"),
        (ours["AWS_ACCESS_KEY_ID"], "test"),
        ("nobody", "nothing"),
    ):
        client = boto3.client(
            "ssm",
            endpoint_url=strict.url,
            region_name="us-east-1",
            aws_access_key_id=key_id,
            aws_secret_access_key=secret,
        )
        with pytest.raises(ClientError, match=r"UnrecognizedClient|InvalidSignature"):
            client.describe_parameters()
        client.close()


def test_a_functions_credentials_cannot_be_worked_out_from_its_name(strict: Cloud) -> None:
    """The emulator derives them from ARNs that everybody knows."""
    function = "arn:aws:lambda:us-east-1:000000000000:function:any"
    role = "arn:aws:iam::000000000000:role/any"
    code = "import os\ndef handler(event, context): return os.environ['AWS_SECRET_ACCESS_KEY']\n"
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("index.py", code)
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    strict.client("iam").create_role(RoleName="any", AssumeRolePolicyDocument=json.dumps(trust))
    client = strict.client("lambda")
    client.create_function(
        FunctionName="any",
        Runtime="python3.11",
        Role=role,
        Handler="index.handler",
        Code={"ZipFile": archive.getvalue()},
    )
    digest = hashlib.sha256(f"{function}:{role}".encode()).hexdigest()
    guessed = hashlib.sha256(f"secret:{digest}".encode()).hexdigest()
    secret = json.load(client.invoke(FunctionName="any")["Payload"])
    assert len(secret) == len(guessed)
    assert secret != guessed


def test_the_environment_of_the_emulators_functions_holds_no_key(strict: Cloud) -> None:
    code = "import os\ndef handler(event, context): return dict(os.environ)\n"
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("index.py", code)
    client = strict.client("lambda")
    client.create_function(
        FunctionName="tells",
        Runtime="python3.11",
        Role="arn:aws:iam::000000000000:role/any",
        Handler="index.handler",
        Code={"ZipFile": archive.getvalue()},
    )
    told = json.load(client.invoke(FunctionName="tells")["Payload"])
    ours = strict.credentials()
    assert strict.door_key not in told.values()
    assert ours["AWS_SECRET_ACCESS_KEY"] not in told.values()


class TestTheSite:
    """The local edge forwards a viewer's request, Origin and all."""

    def test_with_the_key_a_viewers_origin_does_not_matter(self, strict: Cloud) -> None:
        headers = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
        host = {"Host": f"abcdef01.execute-api.localhost:{strict.port}"}
        assert ask(strict, "/prod/x", headers=headers | host)[0] == 403
        known = headers | host | {SITE_HEADER: strict.door_key}
        assert ask(strict, "/prod/x", headers=known)[0] == 404

    def test_the_key_does_not_reach_what_answers(self, strict: Cloud) -> None:
        """S3 answers an unsigned request with an error that holds no header, so none is echoed."""
        known = {SITE_HEADER: strict.door_key}
        assert strict.door_key not in ask(strict, "/bucket/key", headers=known)[1]


def test_a_page_opens_no_websocket(strict: Cloud) -> None:
    async def knock() -> int:
        address = f"ws://127.0.0.1:{strict.port}/_aws/execute-api/abcdef01/prod"
        with pytest.raises(InvalidStatus) as refused:
            async with connect(address, origin="https://evil.example"):  # type: ignore[arg-type]
                pass
        return refused.value.response.status_code

    with ThreadPoolExecutor(1) as thread:  # a browser test may keep a loop in the first one
        assert thread.submit(asyncio.run, knock()).result() == 403
