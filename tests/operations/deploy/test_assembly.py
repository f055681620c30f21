"""The changes of a deploy, from the templates, and the data it would lose."""

import json
from pathlib import Path
from typing import Any

import pytest

from operations.deploy.assembly import Assembly, NotSynthesised, change

Resources = dict[str, dict[str, Any]]
TABLE = {
    "Type": "AWS::DynamoDB::Table",
    "Properties": {"KeySchema": [{"AttributeName": "PK"}], "BillingMode": "PAY_PER_REQUEST"},
    "DeletionPolicy": "Retain",
}
ROLE = {"Type": "AWS::IAM::Role", "Properties": {"Path": "/"}, "Metadata": {"aws:cdk:path": "a"}}
BUCKET = {"Type": "AWS::S3::Bucket"}


def told(before: Resources, after: Resources) -> tuple[str, tuple[str, ...]]:
    changed = change({"Resources": before}, {"Resources": after})
    return changed.summary, changed.dangers


def test_a_stack_that_is_not_there_is_new() -> None:
    assert change(None, {"Resources": {"T": TABLE, "R": ROLE}}).summary == "new, 2 resources"


def test_a_resources_position_in_the_code_is_no_change() -> None:
    moved = ROLE | {"Metadata": {"aws:cdk:path": "b"}}
    assert told({"R": ROLE}, {"R": moved}) == ("nothing changes", ())


def test_new_changed_and_deleted_resources_are_reported_by_kind() -> None:
    other = ROLE | {"Properties": {"Path": "/b"}}
    before, after = {"A": ROLE, "C": ROLE}, {"A": other, "D": ROLE, "E": ROLE}
    text, dangers = told(before, after)
    assert text == "2 new (2 IAM::Role); 1 changed (IAM::Role); 1 gone (IAM::Role)"
    assert dangers == ()


def test_removed_resources_with_data_are_always_reported() -> None:
    _, dangers = told({"T": TABLE, "B": BUCKET}, {})
    assert dangers == (
        "AWS::S3::Bucket B is deleted",
        "AWS::DynamoDB::Table T stays in the account without a stack",
    )


def test_a_table_that_is_replaced_is_reported() -> None:
    rekeyed = {**TABLE, "Properties": {"KeySchema": [{"AttributeName": "id"}]}}
    throttled = {**TABLE, "Properties": {**TABLE["Properties"], "BillingMode": "PROVISIONED"}}  # type: ignore[dict-item]
    assert told({"T": TABLE}, {"T": rekeyed})[1] == (
        "AWS::DynamoDB::Table T is replaced by a new, empty one",
    )
    assert told({"T": TABLE}, {"T": throttled}) == ("1 changed (DynamoDB::Table)", ())


def test_an_assembly_is_read_as_the_cdk_writes_it(tmp_path: Path) -> None:
    with pytest.raises(NotSynthesised, match="there are no synthesised stacks; make synth"):
        _ = Assembly(tmp_path).templates
    write_assembly(tmp_path, {"ScoreApiStack": {"Resources": {"T": TABLE}}}, bootstrap=6)
    assembly = Assembly(tmp_path)
    assert assembly.templates == {"ScoreApiStack": {"Resources": {"T": TABLE}}}
    assert assembly.bootstrap_version == 6


def test_only_our_own_warnings_are_reported_and_each_once(tmp_path: Path) -> None:
    write_assembly(tmp_path, {"ScoreApiStack": {}, "EdgeStack": {}}, bootstrap=6)
    ours = {"type": "aws:cdk:warning", "data": "no python3.13 on PATH [ack: htmlgame:no-bytecode]"}
    theirs = {"type": "aws:cdk:warning", "data": "Ignoring 'x' [ack: @aws-cdk/y:z]"}
    path = {"type": "aws:cdk:logicalId", "data": "Table"}
    for stack in ("ScoreApiStack", "EdgeStack"):
        metadata = {f"/{stack}/Libraries": [path, ours], f"/{stack}/Distribution": [theirs]}
        (tmp_path / f"{stack}.metadata.json").write_text(json.dumps(metadata))
    assert Assembly(tmp_path).warnings == ["no python3.13 on PATH"]


def write_assembly(path: Path, templates: dict[str, Any], bootstrap: int) -> None:
    artifacts: dict[str, Any] = {"Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}}}
    for name, template in templates.items():
        (path / f"{name}.template.json").write_text(json.dumps(template))
        artifacts[name] = {
            "type": "aws:cloudformation:stack",
            "properties": {
                "templateFile": f"{name}.template.json",
                "requiresBootstrapStackVersion": bootstrap,
            },
        }
    (path / "manifest.json").write_text(json.dumps({"version": "55.0.0", "artifacts": artifacts}))
