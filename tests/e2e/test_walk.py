"""The commands print the output that the walk from an empty account to a played score quotes."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from config import names
from config.capabilities import edge as edge_manifest
from config.environments import DELIVERED, LOCAL, Environment
from lambdas.edge.patch_plan import plan_patch
from lambdas.scores.table import board_key
from local.bootstrap import ROOT
from local.cloud import Cloud
from local.edge.server import LocalEdge
from operations.account.aws_session import aws_session
from operations.cli.main import run
from operations.deploy.assembly import Assembly
from operations.deploy.deployment import Deployment
from operations.deploy.preflight import preflight
from operations.edge.patch import wanted
from operations.site.publish import Changes, publish
from tests.docs.pages import Page
from tests.system import System

PAGES = (
    "guides/your-own-site.md",
    "operate/preflight.md",
    "operate/proven.md",
    "start/deploy.md",
)
_AS_PRODUCTION = replace(DELIVERED, account=LOCAL.account, region=LOCAL.region)
_VARIES = (
    (r"arn:aws:\S+", "ARN"),
    (r"https?://localhost:\d+|https://d\w+\.cloudfront\.net", "SITE"),
    (r"\bd\w+\.cloudfront\.net", "HOST"),
    (r"\bE[A-Z0-9]{6,}\b", "DISTRIBUTION"),
    (r"\b(Hit|Miss)\b", "CACHE"),
    (r"[\d,.]*\d", "#"),
    (r"\s+", " "),
)
"""Values that differ between runs: addresses, ids, times, amounts, state of the cache."""


@pytest.fixture(scope="module")
def edge(system: System) -> Iterator[LocalEdge]:
    edge = LocalEdge(system.cloud, 0)
    edge.start()
    yield edge
    edge.stop()


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[Cloud], None]:
    def use(cloud: Cloud) -> None:
        for name, value in cloud.credentials().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("AWS_ENDPOINT_URL_PRICING_PLAN_MANAGER", "http://127.0.0.1:9")
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")

    return use


def quoted(command: str) -> dict[str, str]:
    """The lines that the pages show after it, each with the page."""
    lines: dict[str, str] = {}
    for name in PAGES:
        for block in _blocks(name):
            first, *output = block
            if first.startswith(f"$ make {command}"):
                lines |= {line: name for line in output if line != "…"}
    assert lines, f"no page quotes make {command}"
    return lines


def _blocks(name: str) -> Iterator[list[str]]:
    text = Page(ROOT / "docs" / name).text
    fenced = re.compile(r"^( *)```\w*\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
    for _, block in fenced.findall(text):
        lines = [line.strip() for line in block.splitlines() if line.strip()]
        if lines[0].startswith("$ "):
            yield lines


def normal(line: str) -> str:
    for pattern, word in _VARIES:
        line = re.sub(pattern, word, line)
    return line.strip()


def assert_printed(command: str, printed: str) -> None:
    said = {normal(line) for line in printed.splitlines()}
    unsaid = {line: page for line, page in quoted(command).items() if normal(line) not in said}
    assert not unsaid, f"make {command} does not print it (any more):\n{printed}"


def test_every_quoted_command_is_compared_with_what_it_prints() -> None:
    commands = {block[0].split()[2] for name in PAGES for block in _blocks(name)}
    assert commands == {"bootstrap", "deploy", "preflight", "site", "smoke", "verify-aws"}


@pytest.mark.parametrize("command", ["bootstrap", "deploy"])
def test_bootstrap_and_deploy(system: System, command: str) -> None:
    """The CDK's output from the deploy of this system."""
    log = (system.cloud.directory / "deploy.log").read_text(encoding="utf-8")
    assert_printed(command, log)


def told(environment: Environment, assembly: Assembly) -> str:
    return "\n".join(str(each) for each in preflight(Deployment(environment, assembly)))


@contextmanager
def without_behaviours(system: System) -> Iterator[None]:
    client = system.cloud.client("cloudfront")
    distribution = system.parameter(names.DISTRIBUTION_ID)
    answer = client.get_distribution_config(Id=distribution)
    bare: Any = answer["DistributionConfig"] | {"CacheBehaviors": {"Quantity": 0}}
    client.update_distribution(Id=distribution, IfMatch=answer["ETag"], DistributionConfig=bare)
    yield
    system.cloud.client("lambda").invoke(FunctionName=edge_manifest.DRIFT_GUARD.name)


def test_preflight_of_a_first_deploy_of_a_later_one_and_of_a_site_that_exists(
    system: System, cloud: Cloud, use: Callable[[Cloud], None]
) -> None:
    planned = Assembly(system.cloud.directory / "cdk.out")
    version = "/cdk-bootstrap/hnb659fds/version"
    cloud.client("ssm").put_parameter(Name=version, Type="String", Value="32")
    use(cloud)
    try:
        printed = [told(_AS_PRODUCTION, planned)]
    finally:
        cloud.client("ssm").delete_parameter(Name=version)
    use(system.cloud)
    printed.append(told(LOCAL, planned))
    with without_behaviours(system):
        printed.append(told(LOCAL, planned))
    untouched = system.backups()[0].encode()
    desired = wanted(system.parameter(names.DISTRIBUTION_ID), LOCAL, aws_session().client)
    printed += plan_patch(untouched, desired).changes
    assert_printed("preflight", "\n".join(printed))


def test_the_cost_at_rest_is_the_one_that_the_preflight_computes(
    system: System, cloud: Cloud, use: Callable[[Cloud], None]
) -> None:
    use(cloud)
    [line] = [
        line
        for line in told(_AS_PRODUCTION, Assembly(system.cloud.directory / "cdk.out")).splitlines()
        if "costs while nobody plays" in line
    ]
    for name in ("operate/preflight.md", "start/deploy.md"):
        assert line in Page(ROOT / "docs" / name).text
    [amount] = re.findall(r"\$[\d.]+", line)
    walk = Page(ROOT / "docs" / "start" / "deploy.md").text
    assert f"About {amount} a month while nobody plays" in walk


def test_site(system: System, use: Callable[[Cloud], None]) -> None:
    use(system.cloud)
    publish(aws_session().client, LOCAL)
    [file] = [line for line in quoted("site") if "new" in line]
    [number] = re.findall(r"\d+", file)
    assert_printed("site", str(Changes(new=[""] * int(number), changed=[], gone=[])))


def test_smoke(
    system: System,
    edge: LocalEdge,
    use: Callable[[Cloud], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    use(system.cloud)
    system.empty(board_key("snake", system.origin.ranking("snake", "daily").body["period"]))
    assert run(["smoke", edge.url, "--game", "snake", "--write"]) == 0
    assert_printed("smoke", capsys.readouterr().out)


def test_verify_aws(
    system: System,
    edge: LocalEdge,
    use: Callable[[Cloud], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    use(system.cloud)
    edge.refresh()
    with pytest.raises(SystemExit):
        run(["verify-aws", "--site", edge.url])
    assert_printed("verify-aws", capsys.readouterr().out)


def test_the_failures_that_the_walk_names_are_those_that_the_code_prints() -> None:
    """A sentence in a failure table that no code says would never be found by its reader."""
    page = "\n".join(Page(ROOT / "docs" / name).text for name in PAGES)
    source = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("config", "lambdas", "local", "operations")
        for path in (ROOT / folder).rglob("*.py")
    )
    source = re.sub(r'"\s*\n\s*f?"', "", source)
    for sentence in _OURS:
        assert f"`{sentence}`" in page, sentence
        for part in re.split(r" ?… ?", sentence):
            assert part.strip() in source, part


_OURS = (
    "needs Python 3.11 or newer",
    "no network to its registry",
    "own_site=False, and no distribution's id",
    "there is no distribution … in this account",
    "runs Lambda@Edge",
    "runs the function …, which htmlgame did not put there",
    "exists and goes to origin …",
    "would have … behaviours",
    "would no longer be reached behind …",
    "is on CloudFront's … plan",
    "CloudFront takes none of another region",
)


def test_a_program_reads_the_result_as_json(
    system: System, use: Callable[[Cloud], None], capsys: pytest.CaptureFixture[str]
) -> None:
    use(system.cloud)
    with pytest.raises(SystemExit):
        run(["verify-aws", "--json", "--only", "credentials"])
    [check] = json.loads(capsys.readouterr().out)["checks"]
    described = Page(ROOT / "docs" / "operate" / "proven.md").text
    assert all(f"`{key}`" in described for key in check)
