"""The output of make deploy, diff and bootstrap: our lines, and none of the CDK's."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from config import names
from config.manifests import stacks
from local.bootstrap import ROOT
from local.cloud import Cloud, running_cloud
from tests.checkout import Checkout, checkout
from tests.system import System

ACCOUNT = "account 000000000000, us-east-1"


@pytest.fixture
def game(tmp_path: Path) -> Checkout:
    made = checkout(tmp_path, installed=True)
    (made.path / "node_modules").symlink_to(ROOT / "node_modules")
    return made


def log(game: Checkout, command: str) -> str:
    return (game.path / ".build" / f"cdk-{command}.log").read_text(encoding="utf-8")


def test_a_deploy_reports_each_stack_and_the_address_of_the_site(
    game: Checkout, system: System
) -> None:
    app = str(system.cloud.directory / "cdk.out")
    said = game.module("operations", "deploy", "--all", "--app", app, **system.cloud.credentials())
    assert said.err == ""
    beginning, end, *told = said.out.splitlines()
    assert (beginning, end[:11]) == ("… deploying", "✓ deploying")
    deployed = set(stacks()) - {names.CI_STACK}
    assert set(told[:-1]) == {f"✓ {stack}: nothing changed" for stack in deployed}
    assert told[-1].startswith("Address: https://")
    assert "Synthesis time" in log(game, "deploy")


def test_a_failing_deploy_reports_the_reason_and_names_its_log(
    game: Checkout, system: System
) -> None:
    app = str(system.cloud.directory / "cdk.out")
    said = game.module(
        "operations", "deploy", "NoStack", "--app", app, **system.cloud.credentials()
    )
    assert said.code == 1
    assert said.err.splitlines() == [
        "No stacks match the name(s) NoStack",
        "(log: .build/cdk-deploy.log)",
    ]


def test_a_diff_begins_with_its_first_stack(game: Checkout, system: System) -> None:
    app = str(system.cloud.directory / "cdk.out")
    said = game.module("operations", "diff", "--app", app, **system.cloud.credentials())
    assert said.err == ""
    assert said.out.splitlines()[2].startswith("Stack ")
    assert "Number of stacks with differences: 0" in said.out
    assert "WARNING" not in said.out
    assert "WARNING" in log(game, "diff")


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Cloud]:
    """An account that nobody else bootstraps."""
    with running_cloud(tmp_path / "cloud") as cloud:
        yield cloud


def test_an_account_is_bootstrapped_once_unless_it_is_asked_for(
    game: Checkout, empty: Cloud
) -> None:
    def bootstrap(*words: str) -> str:
        said = game.make_installed("bootstrap", *words, **empty.credentials())
        assert said.err == ""
        return said.out

    first, second, again = bootstrap(), bootstrap(), bootstrap("FORCE=1")
    assert first.startswith(f"… bootstrapping {ACCOUNT}\n✓ bootstrapping {ACCOUNT} (")
    assert f"\n{ACCOUNT} is bootstrapped, version " in first
    assert first.endswith(": next: make deploy\n")
    assert second.startswith(f"{ACCOUNT} is bootstrapped already, version ")
    assert second.count("\n") == 1
    assert again.startswith(f"… bootstrapping {ACCOUNT}\n✓")
    assert f"Environment aws://{ACCOUNT[8:20]}/us-east-1 bootstrapped" in log(game, "bootstrap")
    assert "cdk.out" not in game.left()


def test_a_bootstrap_that_is_too_old_is_done_again(game: Checkout, empty: Cloud) -> None:
    empty.client("ssm").put_parameter(
        Name="/cdk-bootstrap/hnb659fds/version", Type="String", Value="5"
    )
    said = game.make_installed("bootstrap", **empty.credentials())
    assert said.out.startswith(f"… bootstrapping {ACCOUNT}\n")
