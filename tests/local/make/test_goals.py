"""A first make in a fresh clone: offline checks run before any install."""

import fcntl
import os
import re
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock

import pytest

from operations.account.settings import aws_settings
from operations.errors import AccountError
from tests.checkout import Checkout, checkout, write_config

IN_AN_ACCOUNT = [
    "bootstrap",
    "deploy",
    "destroy",
    "diff",
    "patch-plan",
    "preflight",
    "rotate-keys",
    "site",
    "patch-remove DISTRIBUTION=E1234567890ABC",
    "smoke SITE=https://d1.example.net WRITE=1",
    "cli ARGS=boards",
]
PORT = "a port is a number from 1 to 65535"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    return checkout(tmp_path_factory.mktemp("clone"), installed=False)


@pytest.fixture
def clone(shared: Checkout) -> Iterator[Checkout]:
    write_config(shared)
    yield shared
    assert shared.left() == []
    assert not (shared.path / ".venv").exists()


@pytest.mark.parametrize("words", IN_AN_ACCOUNT)
def test_every_target_that_needs_an_account_needs_a_region(clone: Checkout, words: str) -> None:
    said = clone.make(*words.split())
    assert said.code == 2
    assert said.line.startswith("no AWS region; fix: export AWS_REGION=us-east-1")


def test_goals_without_an_account_need_no_region(clone: Checkout) -> None:
    check = ("local/bootstrap.py", "nothing", "cost")
    assert clone.run(sys.executable, *check).code == 0
    assert clone.make("help").code == 0


def test_the_command_line_mentions_that_it_also_works_locally(clone: Checkout) -> None:
    assert "--local in ARGS" in clone.make("cli", "ARGS=boards").line


SETTINGS = {
    "an unknown profile": (
        {"AWS_PROFILE": "nobody"},
        "[profile ann]\n[default]\n",
        (
            "AWS_PROFILE=nobody: there is no such profile in ~/.aws/config; fix: "
            "export AWS_PROFILE= with one of ann, default, or aws configure sso --profile nobody"
        ),
    ),
    "a profile, and no config at all": (
        {"AWS_PROFILE": "ann"},
        "",
        (
            "AWS_PROFILE=ann: there is no such profile in ~/.aws/config; fix: "
            "aws configure sso --profile ann, or unset AWS_PROFILE"
        ),
    ),
    "a section without the word profile": (
        {"AWS_PROFILE": "ann"},
        "[ann]\nregion = us-east-1\n",
        (
            "AWS_PROFILE=ann: there is no such profile in ~/.aws/config, only a section [ann]"
            "; fix: write it as [profile ann]"
        ),
    ),
    "an empty profile": (
        {"AWS_PROFILE": ""},
        "",
        "AWS_PROFILE is set, but empty; fix: unset AWS_PROFILE",
    ),
    "two profiles, of which boto3 takes one and the CDK the other": (
        {"AWS_PROFILE": "ann", "AWS_DEFAULT_PROFILE": "bob"},
        "[profile ann]\n[profile bob]\n",
        (
            "AWS_PROFILE=ann and AWS_DEFAULT_PROFILE=bob name two profiles; fix: "
            "unset AWS_DEFAULT_PROFILE"
        ),
    ),
    "a malformed file": (
        {},
        "[default]\nregion = us-east-1\naws_secret_access_key wJalrXUtnFEMI\n",
        (
            "~/.aws/config, line 3: the file is malformed; fix: each line is [section] "
            "or key = value, and each section and key stands once"
        ),
    ),
    "a file without a section": (
        {},
        "region = us-east-1\n",
        "~/.aws/config, line 1: the file is malformed; fix: each line is [section] or",
    ),
    "a key that stands twice": (
        {},
        "[default]\nregion = us-east-1\nregion = us-east-1\n",
        "~/.aws/config, line 3: the file is malformed; fix: each line is [section] or",
    ),
    "a zone": (
        {"AWS_REGION": "eu-west-1b"},
        "",
        "AWS_REGION=eu-west-1b is an availability zone; fix: export AWS_REGION=eu-west-1",
    ),
    "a place": (
        {"AWS_DEFAULT_REGION": "Tokyo"},
        "",
        "AWS_DEFAULT_REGION=Tokyo is not a region such as us-east-1; fix: export AWS_REGION=",
    ),
    "a profile without a region": (
        {"AWS_PROFILE": "ann"},
        "[profile ann]\n[default]\nregion = us-east-1\n",
        "no AWS region, and profile ann names none; fix: export AWS_REGION=us-east-1",
    ),
    "half a key": (
        {"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE"},
        "",
        "AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY; fix: export both, or unset ",
    ),
    "keys that say that they are over": (
        {
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_CREDENTIAL_EXPIRATION": "2020-01-01T00:00:00Z",
        },
        "",
        "the AWS keys in this shell expired at 2020-01-01T00:00:00Z; fix: export new ones",
    ),
    "certificates that are not there": (
        {"AWS_REGION": "us-east-1", "AWS_CA_BUNDLE": "/nonesuch.pem"},
        "",
        "AWS_CA_BUNDLE=/nonesuch.pem: there is no such file; fix: correct the path",
    ),
}


@pytest.mark.parametrize("case", SETTINGS)
def test_aws_settings_that_cannot_work_are_one_line(clone: Checkout, case: str) -> None:
    variables, config, line = SETTINGS[case]
    write_config(clone, config=config)
    said = clone.make("deploy", **variables)
    assert said.code == 2
    home = clone.environment["HOME"]
    assert said.line.replace(home, "~").startswith(line)
    assert "wJalrXUtnFEMI" not in said.err


@pytest.mark.parametrize("name", ["config", "credentials"])
def test_a_file_that_is_not_text_is_named(clone: Checkout, name: str) -> None:
    path = Path(clone.environment["HOME"]) / ".aws" / name
    path.write_bytes(b"[default]\nregion = \xff\xfe\n")
    assert f"{name}: byte 19 is not UTF-8; fix: save the file as UTF-8" in clone.make("site").line


def test_a_file_that_may_not_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In this process, where reading can be made to fail for root, too."""
    path = tmp_path / "config"
    path.write_text("[default]\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(path))
    monkeypatch.setattr(Path, "read_text", Mock(side_effect=PermissionError))
    with pytest.raises(AccountError, match="this user may not read it; fix: sudo chown"):
        aws_settings()


def test_the_region_that_config_pins_is_meant(tmp_path: Path) -> None:
    clone = checkout(tmp_path, installed=False)
    edit(clone, "    DELIVERED,\n)", '    DELIVERED,\n    region="eu-west-1",\n)')
    assert clone.make("deploy", AWS_REGION="us-east-1").line == (
        "region us-east-1, but config/environments.py says eu-west-1; fix: "
        "export AWS_REGION=eu-west-1"
    )


def test_broken_syntax_in_the_config_is_its_line_and_no_traceback(tmp_path: Path) -> None:
    clone = checkout(tmp_path, installed=False)
    edit(clone, "    DELIVERED,\n)", "    DELIVERED,\n    region=\n)")
    line = clone.make("deploy", AWS_REGION="us-east-1").line
    assert re.fullmatch(r"config/environments.py, line \d+: .+; fix: correct that line", line)


def test_a_wrong_field_in_the_config_is_named_after_the_install(tmp_path: Path) -> None:
    clone = checkout(tmp_path, installed=True)
    edit(clone, "    DELIVERED,\n)", '    DELIVERED,\n    regoin="x",\n)')
    said = clone.module("local.terminal.interruptible", "operations", "cost")
    assert said.line.startswith("config/environments.py: environment.regoin: no such field; fix: ")


def edit(clone: Checkout, old: str, new: str) -> None:
    path = clone.path / "config" / "environments.py"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("dev CLOUD_PORT=99999", f"CLOUD_PORT=99999: {PORT}; fix: make dev CLOUD_PORT=4566"),
        ("dev CLOUD_PORT=abc", f"CLOUD_PORT=abc: {PORT}; fix: make dev CLOUD_PORT=4566"),
        ("dev CLOUD_PORT=", f"CLOUD_PORT=: {PORT}; fix: make dev CLOUD_PORT=4566"),
        ("dev EDGE_PORT=0", f"EDGE_PORT=0: {PORT}; fix: make dev EDGE_PORT=8000"),
        ("dev EDGE_PORT=-1", f"EDGE_PORT=-1: {PORT}; fix: make dev EDGE_PORT=8000"),
        ("dev EDGE_PORT=８０００", f"EDGE_PORT=８０００: {PORT}; fix: make dev EDGE_PORT=8000"),
        ("screenshots EDGE_PORT=x", f"EDGE_PORT=x: {PORT}; fix: make dev EDGE_PORT=8000"),
        (
            "dev CLOUD_PORT=4321 EDGE_PORT=4321",
            "EDGE_PORT=4321: CLOUD_PORT has the same port; fix: make dev EDGE_PORT=",
        ),
        ("dev KEEP=0", "KEEP=0: KEEP=1 keeps scores across restarts; fix: KEEP=1, or leave it out"),
        ("test WORKERS=0", "WORKERS=0: the number of test processes, from 1 to 16; fix: WORKERS=1"),
        ("test-fast WORKERS=auto", "WORKERS=auto: the number of test processes, from 1 to 16; "),
        ("suite WORKERS=100", "WORKERS=100: the number of test processes, from 1 to 16; fix: "),
        ("smoke", "SITE=: not an https address without a path; fix: make smoke SITE"),
        ("smoke SITE=notaurl", "SITE=notaurl: not an https address without a path; "),
        (
            "smoke SITE=https://d1.example.net GAME=unknown",
            "GAME=unknown: no such file in config/game-config; fix: one of ",
        ),
        (
            "smoke SITE=https://d1.example.net WRITE=no",
            "WRITE=no: WRITE=1 also submits a score and removes it; fix: WRITE=1",
        ),
        ("bootstrap FORCE=yes", "FORCE=yes: FORCE=1 bootstraps again; fix: FORCE=1, or leave it"),
        ("patch-remove", "DISTRIBUTION=: a distribution's id has 6 to 20 capital letters and digi"),
        (
            "patch-remove DISTRIBUTION=d1.cloudfront.net",
            "DISTRIBUTION=d1.cloudfront.net: a distribution's id has 6 to 20 capital letters and ",
        ),
        (
            "deploy ARGS=--profile=ann",
            (
                "ARGS=--profile=ann: the checks before the CDK ignore it; fix: "
                "export AWS_PROFILE=ann"
            ),
        ),
    ],
)
def test_a_variable_of_make_is_named_with_its_value_its_limit_and_the_fix(
    clone: Checkout, words: str, line: str
) -> None:
    said = clone.make(*words.split(" "))
    assert said.code == 2
    assert said.line.startswith(line)


def test_a_value_cannot_draw_on_the_terminal(clone: Checkout) -> None:
    said = clone.make("smoke", SITE="\x1b[2J\n" + "x" * 500)
    assert said.line.startswith("SITE=?[2J?xxx")
    assert len(said.line) < 250


def test_a_busy_port_is_named_with_who_has_it(clone: Checkout) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        line = clone.make("dev", f"EDGE_PORT={port}", "CLOUD_PORT=4566").line
    assert line.startswith(f"EDGE_PORT={port}: port {port} is in use by ")
    assert f"(process {os.getpid()}, in {Path.cwd()})" in line
    assert "; fix: stop it, or make dev EDGE_PORT=" in line


def test_the_ports_of_a_make_dev_that_runs_here_may_be_in_use(tmp_path: Path) -> None:
    clone = checkout(tmp_path, installed=False)
    (clone.path / ".local").mkdir()
    with (
        (clone.path / ".local" / "dev.lock").open("w") as lock,
        socket.create_server(("127.0.0.1", 0)) as busy,
    ):
        edge = {"EDGE_PORT": str(busy.getsockname()[1])}
        check = ("local/bootstrap.py", "nothing", "dev")
        assert "is in use by" in clone.run(sys.executable, *check, **edge).line
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert clone.run(sys.executable, *check, **edge).code == 0


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="of Linux")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give its rights up")
def test_a_port_of_root_is_named_with_the_first_that_is_free_to_all(tmp_path: Path) -> None:
    clone = checkout(tmp_path, installed=False)
    said = clone.run(
        "setpriv",
        "--bounding-set=-net_bind_service",
        "--inh-caps=-net_bind_service",
        "make",
        "PYTHON=python3",
        "dev",
        "EDGE_PORT=80",
    )
    assert said.line.startswith("EDGE_PORT=80: port 80 is below ")


@pytest.mark.parametrize("goal", ["install", "install-test", "dev", "deploy", "cost"])
def test_without_any_python_that_is_said(clone: Checkout, goal: str) -> None:
    assert clone.run("make", "PYTHON=python3.99", goal).line == (
        "htmlgame needs Python 3.11 or newer, and there is no python3.99; fix: install it, "
        "then make PYTHON=python3.13"
    )
