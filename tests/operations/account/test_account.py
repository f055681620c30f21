"""A refusal by AWS or the network is one line with the fix, before the synthesis."""

import json
import shlex
import socket
import stat
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest
from botocore import exceptions as aws
from botocore.config import Config
from botocore.credentials import SSOProvider

from operations.account import aws_session
from operations.account.errors import explained
from operations.account.identity import identify
from operations.account.network_errors import host_not_found
from operations.account.settings import AwsSettings
from operations.errors import AccountError
from tests.aws_stub import ACCOUNT, Answer, AwsStub, document, identity, refusal, running_stub
from tests.checkout import Checkout, checkout, write_config

KEYS = {
    "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_REGION": "us-east-1",
}
SSO = """\
[profile ann]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = Admin
region = us-east-1
[sso-session corp]
sso_start_url = https://corp.example.net/start
sso_region = us-east-1
sso_registration_scopes = sso:account:access
"""
OLD_SSO = """\
[profile ann]
sso_start_url = https://corp.example.net/start
sso_region = us-east-1
sso_account_id = 111122223333
sso_role_name = Admin
region = us-east-1
"""
ASSUMED = """\
[profile ann]
role_arn = arn:aws:iam::111122223333:role/games
source_profile = keys
region = us-east-1
[profile keys]
aws_access_key_id = AKIAEXAMPLE
aws_secret_access_key = secret
"""
STORED = "[ann]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = secret\n"
ANN = {"AWS_PROFILE": "ann", "AWS_REGION": "us-east-1"}
SIGN_IN = "; fix: aws sso login --profile ann"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    return checkout(tmp_path_factory.mktemp("game"), installed=True)


@pytest.fixture
def game(shared: Checkout) -> Iterator[Checkout]:
    """Nothing was synthesised, and nothing asked the CDK for anything."""
    write_config(shared)
    yield shared
    assert shared.left() == []


@pytest.fixture
def stub() -> Iterator[AwsStub]:
    with running_stub() as running:
        yield running


@dataclass(frozen=True)
class Case:
    told: str
    answers: dict[str, Answer] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=lambda: KEYS)
    config: str = ""
    credentials: str = ""
    token: dict[str, str] | None = None
    """The token file of an earlier aws sso login."""


def at(hours: float) -> datetime:
    return datetime.now(UTC) + timedelta(hours=hours)


def token(hours: float) -> dict[str, str]:
    return {"accessToken": "token", "expiresAt": at(hours).strftime("%Y-%m-%dT%H:%M:%SZ")}


def process(*command: str) -> str:
    return f"[profile ann]\nregion = us-east-1\ncredential_process = {shlex.join(command)}\n"


def script(text: str) -> str:
    return process(sys.executable, "-c", text)


def printed(**changes: Any) -> str:
    keys = {"Version": 1, "AccessKeyId": "ASIA", "SecretAccessKey": "s", "SessionToken": "t"}
    return script(f"print({json.dumps(keys | changes)!r})")


CASES = {
    "no credentials at all": Case(
        "no AWS credentials; fix: aws configure sso, or aws login; see docs/start/deploy.md",
        variables={"AWS_REGION": "us-east-1"},
    ),
    "none in the default profile, but others": Case(
        "no AWS credentials; fix: export AWS_PROFILE= with one of ann",
        variables={"AWS_REGION": "us-east-1"},
        config=SSO,
    ),
    "a profile that names none": Case(
        "profile ann names no credentials; fix: aws configure sso --profile ann, or ",
        variables=ANN,
        config="[profile ann]\nregion = us-east-1\n",
    ),
    "expired keys of the shell": Case(
        "the AWS credentials have expired; fix: export a new AWS_ACCESS_KEY_ID, ",
        {"sts": refusal("ExpiredToken", "The security token included in the request is expired")},
    ),
    "expired keys of a file": Case(
        "the AWS credentials have expired; fix: write new keys into [ann] of ~/.aws/credentials",
        {"sts": refusal("ExpiredToken")},
        variables=ANN,
        credentials=STORED,
    ),
    "keys that nobody knows": Case(
        "AWS does not know these keys (InvalidClientTokenId); fix: export a new ",
        {"sts": refusal("InvalidClientTokenId")},
    ),
    "another secret": Case(
        "the secret key is not that of the access key; fix: export a new AWS_ACCESS_KEY_ID",
        {"sts": refusal("SignatureDoesNotMatch")},
    ),
    "an account that is not active yet": Case(
        "this AWS account is not active yet; fix: finish its sign-up",
        {"sts": refusal("OptInRequired")},
    ),
    "a policy that forbids even that": Case(
        "AWS does not say whose credentials these are (AccessDenied: with an explicit deny); fix: ",
        {"sts": refusal("AccessDenied", "with an explicit deny")},
    ),
    "an answer that is no answer": Case(
        "AWS does not say whose credentials these are (503",
        {"sts": Answer(503, "<html>busy</html>")},
    ),
    "SSO without a sign-in": Case(
        f"nobody is signed in to profile ann{SIGN_IN}", variables=ANN, config=SSO
    ),
    "SSO of the old form without a sign-in": Case(
        f"nobody is signed in to profile ann{SIGN_IN}", variables=ANN, config=OLD_SSO
    ),
    "an SSO sign-in that is over": Case(
        f"the sign-in of profile ann is over{SIGN_IN}",
        variables=ANN,
        config=SSO,
        token=token(-1),
    ),
    "an SSO sign-in of the old form that is over": Case(
        f"the sign-in of profile ann is over{SIGN_IN}",
        variables=ANN,
        config=OLD_SSO,
        token=token(-1),
    ),
    "an SSO sign-in that was ended elsewhere": Case(
        f"the sign-in of profile ann is over{SIGN_IN}",
        {"federation": document(401, {"message": "no"}, "UnauthorizedException")},
        variables=ANN,
        config=SSO,
        token=token(8),
    ),
    "an SSO role that is someone else's": Case(
        "IAM Identity Center does not give you the role of profile ann (ForbiddenException); fix: ",
        {"federation": document(403, {"message": "No access"}, "ForbiddenException")},
        variables=ANN,
        config=SSO,
        token=token(8),
    ),
    "an SSO profile with something missing": Case(
        "the AWS settings of this shell do not work (The profile",
        variables=ANN,
        config=SSO.replace("sso_role_name = Admin\n", ""),
    ),
    "aws login, never done": Case(
        "nobody is signed in to profile ann; fix: aws login --profile ann",
        variables=ANN,
        config="[profile ann]\nregion = us-east-1\nlogin_session = arn:aws:iam::1:user/ann\n",
    ),
    "a role that may not be assumed": Case(
        "profile ann may not assume arn:aws:iam::111122223333:role/games (AccessDenied); fix: ",
        {"sts": refusal("AccessDenied", "User: ... is not authorized")},
        variables=ANN,
        config=ASSUMED,
    ),
    "a role whose source has expired": Case(
        "the AWS credentials have expired; fix: ",
        {"sts": refusal("ExpiredToken")},
        variables=ANN,
        config=ASSUMED,
    ),
    "profiles that lead to each other": Case(
        "the AWS settings of this shell do not work (Infinite loop",
        variables=ANN,
        config="[profile ann]\nrole_arn = r\nsource_profile = bob\n"
        "[profile bob]\nrole_arn = r\nsource_profile = ann\n",
    ),
    "a process that fails": Case(
        "credential_process of profile ann fails (vault: locked); fix: run that command of ",
        variables=ANN,
        config=script("import sys; sys.exit('Traceback of the vault\\nvault: locked')"),
    ),
    "a process that is not there": Case(
        "credential_process of profile ann fails (there is no program nonesuch); fix: ",
        variables=ANN,
        config=process("nonesuch", "--now"),
    ),
    "a process that is no program": Case(
        "credential_process of profile ann fails (/etc/hostname: ",
        variables=ANN,
        config=process("/etc/hostname"),
    ),
    "a process that prints something else": Case(
        "credential_process of profile ann fails (it prints no JSON such as ",
        variables=ANN,
        config=script("print('hello')"),
    ),
    "a process that prints half": Case(
        "credential_process of profile ann fails (Missing required key in response",
        variables=ANN,
        config=script("print('{\"Version\": 1}')"),
    ),
    "a process of expired keys": Case(
        "credential_process of profile ann fails (its credentials have expired already)",
        variables=ANN,
        config=printed(Expiration="2020-01-01T00:00:00Z"),
    ),
    "a process whose keys AWS knows as expired": Case(
        "the AWS credentials have expired; fix: ",
        {"sts": refusal("ExpiredToken")},
        variables=ANN,
        config=printed(),
    ),
    "a role that asks for a code, and nobody to ask": Case(
        "profile ann asks for an MFA code, and there is no terminal to ask on; fix: ",
        variables=ANN,
        config=ASSUMED.replace(
            "source_profile", "mfa_serial = arn:aws:iam::1:mfa/ann\nsource_profile", 1
        ),
    ),
    "a setting of the SDK that is none": Case(
        "the AWS settings of this shell do not work (Invalid value provided to",
        variables=KEYS | {"AWS_RETRY_MODE": "often"},
    ),
}


def test_a_wrong_clock_is_reported_with_its_deviation(game: Checkout, stub: AwsStub) -> None:
    date = format_datetime(at(1.005), usegmt=True)
    stub.answers |= {"sts": refusal("SignatureDoesNotMatch", Date=date)}
    said = game.module("operations", "account", AWS_ENDPOINT_URL=stub.url, **KEYS)
    told = "this machine's clock is 60 minutes behind that of AWS; fix: set it"
    assert said.line.startswith(told)
    assert said.code == 1


@pytest.mark.parametrize("name", CASES)
def test_a_problem_of_the_account_is_reported_in_one_line(
    game: Checkout, stub: AwsStub, name: str
) -> None:
    case = CASES[name]
    write_config(game, config=case.config, credentials=case.credentials)
    write_token(game, case.token)
    stub.answers |= case.answers
    said = game.module("operations", "account", AWS_ENDPOINT_URL=stub.url, **case.variables)
    assert said.line.startswith(case.told)
    assert "; fix: " in said.line
    assert said.code == 1


def write_token(game: Checkout, content: dict[str, str] | None) -> None:
    folder = Path(game.environment["HOME"]) / ".aws" / "sso" / "cache"
    folder.mkdir(parents=True, exist_ok=True)
    for key in ("corp", "https://corp.example.net/start"):
        path = folder / f"{sha1(key.encode(), usedforsecurity=False).hexdigest()}.json"
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_text(json.dumps(content))


def test_the_sign_in_of_the_console_is_begun_by_its_own_profile(
    game: Checkout, tmp_path: Path
) -> None:
    """As docs/start/deploy.md says: one profile passes another profile's session to every tool."""
    cli = tmp_path / "aws"
    cli.write_text("#!/bin/sh\necho 'Your session has expired.' >&2\nexit 255\n")
    cli.chmod(cli.stat().st_mode | stat.S_IXUSR)
    config = process(
        *["aws", "configure", "export-credentials", "--profile", "console", "--format", "process"]
    )
    write_config(game, config=f"{config}[profile console]\nlogin_session = arn:aws:iam::1:user/a\n")
    path = f"{tmp_path}:{game.environment['PATH']}"
    assert game.module("operations", "account", **ANN, PATH=path).line == (
        "credential_process of profile ann fails (Your session has expired.); fix: "
        "aws login --profile console"
    )


TARGETS = {
    "deploy": (),
    "preflight": (),
    "bootstrap": (),
    "diff": (),
    "destroy": (),
    "site": (),
    "patch-plan": (),
    "rotate-keys": (),
    "patch-remove": ("DISTRIBUTION=E1234567890ABC",),
    "cli": ("ARGS=boards",),
    "smoke": ("SITE=http://127.0.0.1:9", "WRITE=1"),
}


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_reports_it_first(game: Checkout, stub: AwsStub, target: str) -> None:
    stub.answers["sts"] = refusal("ExpiredToken")
    said = game.make_installed(target, *TARGETS[target], AWS_ENDPOINT_URL=stub.url, **KEYS)
    assert said.line.startswith("the AWS credentials have expired; fix: export a new ")
    assert said.code == 2
    assert set(stub.asked) == {"sts/us-east-1"}


@pytest.mark.parametrize("target", ["deploy", "preflight"])
def test_a_missing_bootstrap_is_reported_before_the_synthesis(
    game: Checkout, stub: AwsStub, target: str
) -> None:
    stub.answers = {
        "sts": identity(),
        "ssm": document(400, {"message": "no"}, "ParameterNotFound"),
    }
    said = game.make_installed(target, AWS_ENDPOINT_URL=stub.url, **KEYS)
    assert said.line == f"account {ACCOUNT}, us-east-1 is not bootstrapped; fix: make bootstrap"


def test_a_caller_who_may_not_read_the_bootstrap_version_proceeds(
    game: Checkout, stub: AwsStub
) -> None:
    stub.answers = {
        "sts": identity(),
        "ssm": document(400, {"message": "no"}, "AccessDeniedException"),
    }
    said = game.module("operations", "account", "--bootstrapped", AWS_ENDPOINT_URL=stub.url, **KEYS)
    assert (said.code, said.out, said.err) == (0, "", "")
    assert stub.asked == ["sts/us-east-1", "ssm/us-east-1"]


def test_an_account_in_order_needs_no_words_and_one_question(game: Checkout, stub: AwsStub) -> None:
    stub.answers["sts"] = identity()
    said = game.module("operations", "account", AWS_ENDPOINT_URL=stub.url, **KEYS)
    assert (said.code, said.out, said.err) == (0, "", "")
    assert stub.asked == ["sts/us-east-1"]


def test_the_account_that_config_pins_is_meant(tmp_path: Path, stub: AwsStub) -> None:
    game = checkout(tmp_path, installed=True)
    path = game.path / "config" / "environments.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("    DELIVERED,\n)", '    DELIVERED,\n    account="4",\n)'))
    stub.answers["sts"] = identity()
    for target in ("deploy", "site"):
        said = game.make_installed(target, AWS_ENDPOINT_URL=stub.url, **KEYS)
        assert said.line == (
            f"account {ACCOUNT}, but config/environments.py says 4; fix: "
            "export AWS_PROFILE= with a profile of account 4"
        )


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (
            document(200, {"RegionName": "ap-east-1", "RegionOptStatus": "DISABLED"}),
            (
                f"region ap-east-1 is not enabled for account {ACCOUNT}; fix: aws account "
                "enable-region --region-name ap-east-1 (takes a few minutes), or export "
            ),
        ),
        (
            document(403, {"message": "no"}, "AccessDeniedException"),
            f"region ap-east-1 is not enabled for account {ACCOUNT}; fix: aws account ",
        ),
        (
            document(200, {"RegionName": "ap-east-1", "RegionOptStatus": "ENABLING"}),
            f"region ap-east-1 is being enabled for account {ACCOUNT}; fix: try again in a ",
        ),
        (
            document(200, {"RegionName": "ap-east-1", "RegionOptStatus": "ENABLED"}),
            "region ap-east-1 does not accept session tokens of the global STS endpoint; fix: ",
        ),
    ],
)
def test_a_region_that_is_not_enabled_is_distinguished_from_wrong_keys(
    game: Checkout, stub: AwsStub, status: Answer, told: str
) -> None:
    stub.answers = {
        "sts/ap-east-1": refusal("InvalidClientTokenId"),
        "sts/us-east-1": identity(),
        "account": status,
    }
    there = KEYS | {"AWS_REGION": "ap-east-1"}
    assert game.module("operations", "account", AWS_ENDPOINT_URL=stub.url, **there).line.startswith(
        told
    )


def test_keys_that_no_region_knows_are_wrong(game: Checkout, stub: AwsStub) -> None:
    stub.answers["sts"] = refusal("InvalidClientTokenId")
    there = KEYS | {"AWS_REGION": "ap-east-1"}
    line = game.module("operations", "account", AWS_ENDPOINT_URL=stub.url, **there).line
    assert line.startswith("AWS does not know these keys (InvalidClientTokenId); fix: ")
    assert stub.asked == ["sts/ap-east-1", "sts/us-east-1"]


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_without_a_network_the_host_is_named(game: Checkout) -> None:
    """RFC 6761 keeps .invalid free of names."""
    line = game.module("operations", "account", AWS_ENDPOINT_URL="https://sts.invalid", **KEYS).line
    assert line.startswith("no network: sts.invalid cannot be looked up; fix: check the connection")


def test_a_proxy_that_does_not_answer_is_named_without_its_password(game: Checkout) -> None:
    port = closed_port()
    proxy = f"http://ann:secret@127.0.0.1:{port}"
    said = game.module("operations", "account", HTTPS_PROXY=proxy, **KEYS)
    assert said.line == (
        f"the proxy 127.0.0.1:{port} refuses the connection; fix: correct HTTPS_PROXY, or unset "
        "it where no proxy is needed"
    )


def test_a_proxy_that_refuses_is_named_with_what_it_says(game: Checkout, stub: AwsStub) -> None:
    line = game.module("operations", "account", HTTPS_PROXY=stub.url, **KEYS).line
    assert line.startswith(f"the proxy {stub.url.removeprefix('http://')} answers 407 Proxy Auth")


def test_an_endpoint_where_nothing_listens_is_named(game: Checkout) -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    assert game.module("operations", "account", AWS_ENDPOINT_URL=url, **KEYS).line == (
        f"nothing answers at {url}/, where AWS_ENDPOINT_URL leads; fix: start it, or unset "
        "AWS_ENDPOINT_URL"
    )


def test_an_endpoint_that_is_no_address_is_reported(game: Checkout) -> None:
    line = game.module("operations", "account", AWS_ENDPOINT_URL="over there", **KEYS).line
    assert line.startswith("the AWS settings of this shell do not work (Invalid endpoint: over")


@pytest.mark.parametrize(
    ("config", "variables", "asked"),
    [("", KEYS, "sts/us-east-1"), (OLD_SSO, ANN, "federation/")],
    ids=["STS", "SSO"],
)
def test_a_service_that_is_silent_is_given_up_after_two_tries(
    game: Checkout,
    stub: AwsStub,
    monkeypatch: pytest.MonkeyPatch,
    config: str,
    variables: dict[str, str],
    asked: str,
) -> None:
    write_config(game, config=config)
    write_token(game, token(8))
    folder = Path(game.environment["HOME"]) / ".aws"
    monkeypatch.setattr(SSOProvider, "_SSO_TOKEN_CACHE_DIR", str(folder / "sso" / "cache"))
    settings = {"AWS_CONFIG_FILE": str(folder / "config"), "AWS_ENDPOINT_URL": stub.url}
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name, value in (variables | settings).items():
        monkeypatch.setenv(name, value)
    hurry = aws_session._QUICK.merge(Config(connect_timeout=0.2, read_timeout=0.2))
    monkeypatch.setattr(aws_session, "_QUICK", hurry)
    stub.hold = threading.Event()
    with pytest.raises(AccountError, match="nothing answers at"):
        identify(aws_session.aws_core())
    assert stub.asked == [asked] * 2


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            aws.ReadTimeoutError(endpoint_url="https://sts.eu-west-1.amazonaws.com"),
            "sts.eu-west-1.amazonaws.com did not answer in two tries of 3 s; fix: check the ",
        ),
        (
            aws.ConnectTimeoutError(endpoint_url="https://portal.sso.eu-west-1.amazonaws.com"),
            "portal.sso.eu-west-1.amazonaws.com did not answer in two tries of 3 s; fix: ",
        ),
        (
            aws.ConnectionClosedError(endpoint_url="https://sts.eu-west-1.amazonaws.com"),
            "sts.eu-west-1.amazonaws.com cannot be reached; fix: check the connection",
        ),
        (
            aws.SSLError(
                endpoint_url="https://sts.eu-west-1.amazonaws.com",
                error=Exception("CERTIFICATE_VERIFY_FAILED"),
            ),
            "the certificate of sts.eu-west-1.amazonaws.com is not trusted (CERTIFICATE_VERIFY_FA",
        ),
    ],
)
def test_a_network_that_fails_halfway_is_reported(error: Exception, told: str) -> None:
    assert str(explained(error, AwsSettings(None, "eu-west-1"))).startswith(told)


def test_a_cloud_shell_whose_role_is_gone_is_reported() -> None:
    error = aws.CredentialRetrievalError(provider="container-role", error_msg="refused")
    assert str(explained(error, AwsSettings(None, "eu-west-1"))).startswith(
        "this machine's own role gives no credentials (refused); fix: open a new shell there"
    )


def test_other_errors_are_not_explained() -> None:
    error = aws.ClientError({"Error": {"Code": "ValidationError"}}, "DescribeStacks")
    assert explained(error, AwsSettings(None, "eu-west-1")) is None


def test_a_region_that_nobody_knows_is_answered_with_one_that_looks_like_it() -> None:
    regions = ["eu-west-1", "us-east-1"]
    assert str(host_not_found("sts.us-eats-1.amazonaws.com", "us-eats-1", regions)) == (
        "there is no host sts.us-eats-1.amazonaws.com, and boto3 knows of no region us-eats-1; "
        "fix: export AWS_REGION=us-east-1"
    )
