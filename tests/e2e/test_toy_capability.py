"""A new capability adds folders and one line. It is deployed, called, erased from and removed."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import urllib3

from config.manifests import eraser
from local.bootstrap import ROOT, VENV
from local.cloud import Cloud
from local.edge.server import LocalEdge
from tests.e2e import toy
from tests.system import deployed_cloud

PERSON: Final = "019aa000-0000-4000-8000-0000000000aa"
OTHER: Final = "019aa000-0000-4000-8000-0000000000bb"
_DEPLOY: Final = """
import sys
from pathlib import Path
from local.cloud import Cloud
from local.deploy import Deployment

print(Deployment(Cloud(Path(sys.argv[1]), int(sys.argv[2]))).bring_up_to_date())
"""


class Tree:
    """A copy of the project as git knows it, with the installed tools."""

    def __init__(self, path: Path) -> None:
        self.path = path
        listed = subprocess.run(
            ["/usr/bin/env", "git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
        ).stdout.decode()
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).is_file():
                (path / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, path / name)
        (path / ".local").mkdir()
        (ROOT / ".build").mkdir(exist_ok=True)
        for installed in (VENV.name, "node_modules", ".local/cloud-venv", ".build"):
            (path / installed).symlink_to(ROOT / installed)

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.path,
            env=os.environ | {"PYTHONPATH": str(self.path)} | variables,
            capture_output=True,
            text=True,
            check=False,
        )

    def deploy(self, cloud: Cloud) -> None:
        ended = self.run("-c", _DEPLOY, str(cloud.directory), str(cloud.port))
        assert ended.returncode == 0, ended.stdout + ended.stderr


class Deployed:
    def __init__(self, tree: Tree, cloud: Cloud, edge: LocalEdge) -> None:
        self.tree, self.cloud, self.edge = tree, cloud, edge

    def ask(self, method: str, path: str, body: str | None = None) -> Any:
        return urllib3.request(method, f"{self.edge.url}{path}", body=body, timeout=30).json()

    def htmlgame(self, *arguments: str) -> Any:
        ended = self.tree.run("-m", "operations", *arguments, **self.cloud.credentials())
        assert ended.stdout, ended.stderr
        return json.loads(ended.stdout)

    def notes(self, person: str) -> list[str]:
        notes: list[str] = self.ask("GET", f"/api/notes/{person}")["notes"]
        return notes

    def behaviours(self) -> str:
        cloudfront = self.cloud.client("cloudfront")
        [distribution] = cloudfront.list_distributions()["DistributionList"]["Items"]
        return json.dumps(cloudfront.get_distribution_config(Id=distribution["Id"]), default=str)

    def stacks(self) -> set[str]:
        pages = self.cloud.client("cloudformation").describe_stacks()["Stacks"]
        return {each["StackName"] for each in pages}


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory, snapshot: Path) -> Iterator[Deployed]:
    tree = Tree(tmp_path_factory.mktemp("tree"))
    toy.add(tree.path)
    with deployed_cloud(tmp_path_factory.mktemp("cloud"), snapshot) as cloud:
        tree.deploy(cloud)
        edge = LocalEdge(cloud, 0)
        edge.start()
        yield Deployed(tree, cloud, edge)
        edge.stop()


def until(held: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not held():
        assert time.monotonic() < end
        time.sleep(0.2)


def test_it_is_called_through_the_site(deployed: Deployed) -> None:
    assert deployed.ask("POST", f"/api/notes/{PERSON}", "hello") == {"ok": True}
    assert deployed.notes(PERSON) == ["hello"]


def test_it_has_its_own_stack_throttle_log_and_alarms(deployed: Deployed) -> None:
    assert "NotesStack" in deployed.stacks()
    apis = deployed.cloud.client("apigatewayv2").get_apis()["Items"]
    assert "htmlgame-notes" in {each["Name"] for each in apis}
    logs = deployed.cloud.client("logs").describe_log_groups()["logGroups"]
    assert "/aws/http-api/htmlgame-notes" in {each["logGroupName"] for each in logs}
    alarms = deployed.cloud.client("cloudwatch").describe_alarms()["MetricAlarms"]
    named = {each["AlarmName"] for each in alarms}
    assert {"htmlgame-notes-slow", "htmlgame-notes-5xx", "htmlgame-notes-429"} <= named


def test_it_has_a_command_a_check_and_a_line_of_the_bill(deployed: Deployed) -> None:
    deployed.ask("POST", f"/api/notes/{OTHER}", "first")
    before = len(deployed.notes(PERSON)) + len(deployed.notes(OTHER))
    assert deployed.htmlgame("notes", "--json") == {"notes": before}
    checks = {
        each["name"]: each["state"] for each in deployed.htmlgame("doctor", "--json")["checks"]
    }
    assert checks["notes API"] == checks["parameters"] == checks["functions"] == "ok"
    assert checks["alarms"] == "ok"
    bill = deployed.tree.run("-m", "operations", "cost", "--plays=1000000")
    assert re.search(r"^ +notes +\d+\.\d\d$", bill.stdout, re.MULTILINE), bill.stdout + bill.stderr


def test_erasure_deletes_what_it_holds_of_a_person(deployed: Deployed) -> None:
    for person in (PERSON, OTHER):
        deployed.ask("POST", f"/api/notes/{person}", "mine")
    others = deployed.notes(OTHER)
    deployed.cloud.client("lambda").invoke(
        FunctionName=eraser().name, Payload=json.dumps({"creatorId": PERSON}).encode()
    )
    until(lambda: deployed.notes(PERSON) == [])
    assert deployed.notes(OTHER) == others


def test_it_is_removed_with_its_folders_and_its_line(deployed: Deployed) -> None:
    assert "/api/notes/*" in deployed.behaviours()
    toy.remove(deployed.tree.path)
    deployed.tree.deploy(deployed.cloud)
    left = deployed.behaviours()
    assert "notes" not in left
    assert "/api/scores/*" in left
    cloudformation = deployed.cloud.client("cloudformation")
    cloudformation.delete_stack(StackName="NotesStack")
    until(lambda: "NotesStack" not in deployed.stacks())
    assert deployed.ask("GET", "/api/ranking/snake/all")["items"] == []
