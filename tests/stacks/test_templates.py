"""The synthesised templates as a whole. What they hold is compared with tests/stacks/intent."""

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from config import names
from config.capabilities import edge, insights, players, scores
from config.games import load_games
from config.manifests import stacks
from config.views import views_in
from operations.account.identity import BOOTSTRAP_NEEDED
from operations.deploy import assembly as written
from operations.deploy.destroy import chosen
from stacks.shared.packaging import ROOT
from tests.stacks.templates import CONTEXT, Assembly, synthesise


@pytest.fixture
def complete(assembly_of: Callable[[str], Assembly]) -> Assembly:
    """Production with everything that can be switched on."""
    return assembly_of("complete")


def test_the_check_before_the_synthesis_knows_which_bootstrap_is_needed(complete: Assembly) -> None:
    assert written.Assembly(complete.directory).bootstrap_version == BOOTSTRAP_NEEDED


def test_cdk_nag_has_nothing_to_object_to(complete: Assembly) -> None:
    """Where it has, the synth itself fails: this holds what passed against its own report."""
    report = json.loads((complete.directory / "validation-report.json").read_text())
    objecting = {plugin["pluginName"] for plugin in report["pluginReports"]}
    assert "AwsSolutions" not in objecting


def test_cdk_nag_stands_at_the_door(tmp_path: Path) -> None:
    """In a process of its own: a rule that objects ends it."""
    silent = "import stacks.shared.acknowledge as a; a.acknowledge = lambda *_: None"
    program = f"{silent}; import runpy; runpy.run_path('app.py', run_name='__main__')"
    finished = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=os.environ | {"CDK_OUTDIR": str(tmp_path), "CDK_CONTEXT_JSON": json.dumps(CONTEXT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode
    assert "AwsSolutions-S1" in finished.stderr


def test_every_stack_is_recognised_by_its_description(complete: Assembly) -> None:
    """The first version described its stacks like this already."""
    for content in complete.contents.values():
        assert content["Description"].startswith("htmlgame: ")


def test_no_stack_imports_from_another(complete: Assembly) -> None:
    for content in complete.contents.values():
        assert "Fn::ImportValue" not in json.dumps(content)
        assert not any("Export" in each for each in content.get("Outputs", {}).values())


@pytest.mark.parametrize("folder", ["archive-views", "insights-views"])
def test_views_are_in_the_catalogue_as_athena_writes_them(complete: Assembly, folder: str) -> None:
    views = {view.name: view for view in views_in(folder)}
    tables = [each.properties["TableInput"] for each in complete.of("AWS::Glue::Table")]
    kept = {
        each["Name"]: each
        for each in tables
        if each["TableType"] == "VIRTUAL_VIEW" and each["Name"] in views
    }
    assert set(kept) == set(views)
    for name, view in views.items():
        text = kept[name]["ViewOriginalText"]
        told = json.loads(base64.b64decode(text.removeprefix("/* Presto View: ")[: -len(" */")]))
        assert told["originalSql"] == view.sql
        assert ";" not in view.sql
        assert [each["name"] for each in told["columns"]] == [
            each["Name"] for each in kept[name]["StorageDescriptor"]["Columns"]
        ]
        assert folder != "archive-views" or told["columns"][0] == {
            "name": "project",
            "type": "varchar",
        }


def test_a_mistake_in_config_fails_the_synth_by_field_and_with_no_traceback() -> None:
    """Environments are checked as soon as they are imported."""
    no_name = "import re, config.domain as d; d._NAME = re.compile('none')"
    program = f"{no_name}; import runpy; runpy.run_path('app.py', run_name='__main__')"
    finished = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 1
    assert finished.stderr == (
        "config/environments.py: domain.names: 'games.example.com' is not a domain's name, such as "
        "games.example.com\n"
    )


def test_an_unknown_environment_is_named_with_those_there_are(tmp_path: Path) -> None:
    problem = synthesise(tmp_path, environment="staging")
    assert "environment=staging: one of production, delivered" in problem


def test_a_broken_game_fails_the_synth_with_file_and_field_and_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pong.json").write_text('{"title": "x", "order": [["points", "asc"]]}')
    monkeypatch.setattr(load_games, "__defaults__", (tmp_path,))
    assert "pong.json: order.0.0" in synthesise(tmp_path)


def test_the_docs_list_every_resource_that_stays_behind(complete: Assembly) -> None:
    page = (ROOT / "docs" / "operate" / "leaving.md").read_text()
    table = page.partition("| stack | stays |")[2].partition("\n\n")[0]
    told = set(re.findall(r"^\| (\w+) \| (AWS::[\w:]+):", table, re.MULTILINE))
    stays = {(each.stack, each.kind) for each in complete.resources if each.deletion != "Delete"}
    assert told == stays


def test_the_logs_that_cloudfront_leaves_are_each_deleted_by_what_the_docs_say(
    complete: Assembly,
) -> None:
    """CloudFront makes them, so no stack knows them and no tag finds them."""
    page = (ROOT / "docs" / "operate" / "leaving.md").read_text()
    [found] = re.findall(r"for f in ([a-z -]+); do aws logs delete-log-group (.*)\$f; done", page)
    listed, command = found
    assert command == "--region us-east-1 --log-group-name /aws/cloudfront/function/htmlgame-"
    published = {each.properties["Name"] for each in complete.of("AWS::CloudFront::Function")}
    assert {f"htmlgame-{each}" for each in listed.split()} == published


def test_the_assembly_shows_which_stacks_a_destroy_includes(
    complete: Assembly,
) -> None:
    read = written.Assembly(complete.directory)
    assert read.needs[edge.CAPABILITY.stack] == {
        players.CAPABILITY.stack,
        insights.CAPABILITY.stack,
    }
    assert set(chosen(read, [scores.CAPABILITY.stack], exclusively=False)) == {
        scores.CAPABILITY.stack,
        players.CAPABILITY.stack,
        edge.CAPABILITY.stack,
        names.OPS_STACK,
        names.CI_STACK,
    }
    assert chosen(read, ["Ops*"], exclusively=False) == [names.OPS_STACK]
    assert chosen(read, [names.FRONT_STACK], exclusively=True) == [names.FRONT_STACK]
    assert set(chosen(read, [], exclusively=False)) == set(stacks())
