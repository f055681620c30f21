"""The intended jobs and rights of each workflow, written from its purpose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Json = Any

ACTIONS: Final = {
    "actions/checkout": ("3d3c42e5aac5ba805825da76410c181273ba90b1", "v7.0.1"),
    "actions/download-artifact": ("3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c", "v8.0.1"),
    "actions/setup-python": ("5fda3b95a4ea91299a34e894583c3862153e4b97", "v7.0.0"),
    "actions/upload-artifact": ("bbbca2ddaa5d8feaa63e36b76fdaad77386f024f", "v7.0.0"),
    "aws-actions/configure-aws-credentials": ("e6de054238d6b7531b4efff3b6587d9aade6a06c", "v6.2.3"),
}
"""Actions of others are pinned to a commit, since their owners can move a tag."""

_MAIN: Final = "github.ref == 'refs/heads/main'"
_CONFIGURED: Final = "vars.AWS_ACCOUNT_ID != ''"
_OWN_SITE: Final = "vars.OWN_SITE != 'false'"
_NO_FORK: Final = "github.event.pull_request.head.repo.full_name == github.repository"
_NO_DEPENDABOT: Final = "github.event.pull_request.user.login != 'dependabot[bot]'"


@dataclass(frozen=True, kw_only=True)
class Job:
    when: str
    may: Mapping[str, str]
    minutes: int = 0
    steps: Sequence[str] = ()
    calls: str = ""
    """One of our workflows, in place of steps."""
    needs: Sequence[str] = ()
    production: bool = False
    """Whether it must pass GitHub's rules for the environment `production`."""
    one_at_a_time: str = ""
    """The concurrency group. A running job is never cancelled."""
    outputs: Mapping[str, str] | None = None

    def row(self) -> Json:
        environment = {"name": "production", "url": "${{ vars.SITE_URL }}"}
        own: Json = {"uses": self.calls} if self.calls else {}
        if self.steps:
            own = {
                "runs-on": "ubuntu-24.04",
                "timeout-minutes": self.minutes,
                "steps": list(self.steps),
            }
        if self.needs:
            own["needs"] = list(self.needs)
        if self.production:
            own["environment"] = environment
        if self.one_at_a_time:
            own["concurrency"] = {"group": self.one_at_a_time, "cancel-in-progress": False}
        if self.outputs:
            own["outputs"] = dict(self.outputs)
        return {"if": self.when, "permissions": dict(self.may), **own}


@dataclass(frozen=True, kw_only=True)
class Workflow:
    on: Mapping[str, Json]
    jobs: Mapping[str, Job]
    concurrency: Json = None
    piped: bool = True
    """Whether commands are piped. Bash, set by name, fails when any command of a pipe fails."""

    def row(self) -> Json:
        return {
            "on": dict(self.on),
            "permissions": {},
            "defaults": {"run": {"shell": "bash"}} if self.piped else None,
            "concurrency": self.concurrency,
            "jobs": {name: job.row() for name, job in self.jobs.items()},
        }


def _step(what: str, settings: Mapping[str, str]) -> str:
    """Returns an action or a command with its settings or environment."""
    return what + "".join(f" {name}={value}" for name, value in sorted(settings.items()))


def _even_after_failure(step: str) -> str:
    return f"{step} if always()"


def _uses(action: str, **settings: str) -> str:
    commit, _ = ACTIONS[action]
    named = {name.replace("_", "-"): value for name, value in settings.items()}
    return _step(f"{action}@{commit}", named)


def _github(what: str, **environment: str) -> str:
    """Writes on GitHub. Texts come from the environment, never from the command line."""
    return _step(f"python3 -m operations.ci.github {what}", environment)


def _summary(*files: str) -> str:
    return _even_after_failure(
        _github(" ".join(["summary", *(f'"$RUNNER_TEMP/{each}.txt"' for each in files)]))
    )


def _make(target: str, *, kept_as: str, **environment: str) -> str:
    return _step(f'make {target} 2>&1 | tee "$RUNNER_TEMP/{kept_as}.txt"', environment)


_READ: Final = {"contents": "read"}
_ASK_FOR_A_ROLE: Final = {"contents": "read", "id-token": "write"}
_CHECKOUT: Final = _uses("actions/checkout", persist_credentials="False")
_PYTHON: Final = _uses("actions/setup-python", python_version="3.13")


def _build(what: str, folder: str) -> list[str]:
    """Runs all packages that build, in a job without credentials, and keeps the result."""
    return [
        _CHECKOUT,
        _PYTHON,
        "make install",
        f"make build-{what}",
        f'python3 -m operations.ci.built pack {folder} "$RUNNER_TEMP/{what}.tar"',
        _uses(
            "actions/upload-artifact",
            name=what,
            path=f"${{{{ runner.temp }}}}/{what}.tar",
            if_no_files_found="error",
            retention_days="1",
        ),
    ]


def _take(what: str, folder: str, checkout: str = "") -> list[str]:
    """Installs the CDK and what calls AWS, and takes what the build job wrote."""
    return [
        checkout or _CHECKOUT,
        _PYTHON,
        "make install-deploy",
        _uses("actions/download-artifact", name=what, path="${{ runner.temp }}"),
        _step(
            f'python3 -m operations.ci.built unpack {folder} "$RUNNER_TEMP/{what}.tar"',
            {"SHA256": "${{ needs.build.outputs.sha256 }}"},
        ),
    ]


def _become(role: str) -> str:
    region = "${{ vars.AWS_REGION }}"
    return _uses(
        "aws-actions/configure-aws-credentials",
        aws_region=region,
        role_to_assume="arn:aws:iam::${{ vars.AWS_ACCOUNT_ID }}"
        f":role/htmlgame-ci-{role}-{region}",
    )


_BASE: Final = _uses(
    "actions/checkout",
    ref="${{ github.event.pull_request.base.sha }}",
    persist_credentials="False",
)
_DIGEST: Final = {"sha256": "${{ steps.pack.outputs.sha256 }}"}

_CHECK: Final = Workflow(
    on={
        "pull_request": None,
        "push": {"branches-ignore": ["main"]},  # there cdk-deploy checks first
        "workflow_call": None,
    },
    piped=False,
    # A later push to a branch cancels the check of an earlier one. On main each push counts.
    concurrency={
        "group": "check-${{ github.workflow }}-${{ github.ref }}",
        "cancel-in-progress": "${{ github.ref != 'refs/heads/main' }}",
    },
    jobs={
        "test": Job(
            # a pull request from this repository was checked when its branch was pushed
            when="github.event_name != 'pull_request' || "
            "github.event.pull_request.head.repo.full_name != github.repository",
            may=_READ,
            minutes=30,
            steps=[_CHECKOUT, _PYTHON, ".ci/run in bash"],
        )
    },
)

_CDK_DEPLOY: Final = Workflow(
    on={"pull_request": None, "push": {"branches": ["main"]}, "workflow_dispatch": None},
    jobs={
        "check": Job(
            when="github.event_name != 'pull_request'",
            may=_READ,
            calls="$/.github/workflows/check.yml",
        ),
        "build": Job(
            when=f"{_CONFIGURED} && ({_MAIN} || {_NO_FORK} && {_NO_DEPENDABOT})",
            may=_READ,
            minutes=20,
            steps=_build("stacks", "cdk.out/deploy"),
            outputs=_DIGEST,
        ),
        # It has a role, so it runs the code of the base branch.
        "diff": Job(
            needs=["build"],
            when="github.event_name == 'pull_request' && "
            f"{_NO_FORK} && {_NO_DEPENDABOT} && {_CONFIGURED}",
            may=_ASK_FOR_A_ROLE,
            minutes=20,
            steps=[
                *_take("stacks", "cdk.out/deploy", _BASE),
                _become("diff"),
                _make("diff BUILT=1", kept_as="diff"),
                _even_after_failure(_github('output diff < "$RUNNER_TEMP/diff.txt"')),
            ],
            outputs={"diff": "${{ steps.diff.outputs.diff }}"},
        ),
        # It may write a comment, so it runs the code of the base branch.
        "comment": Job(
            when="always() && (needs.diff.result == 'success' || needs.diff.result == 'failure')",
            needs=["diff"],
            may={"contents": "read", "pull-requests": "write"},
            minutes=5,
            steps=[
                _BASE,
                _github(
                    "comment",
                    GITHUB_TOKEN="${{ github.token }}",
                    PULL_REQUEST="${{ github.event.pull_request.number }}",
                    DIFF="${{ needs.diff.outputs.diff }}",
                ),
            ],
        ),
        "deploy": Job(
            when=f"{_MAIN} && {_CONFIGURED}",
            needs=["check", "build"],
            may=_ASK_FOR_A_ROLE,
            minutes=60,
            production=True,
            one_at_a_time="deploy-production",
            steps=[
                *_take("stacks", "cdk.out/deploy"),
                _become("deploy"),
                _make("deploy BUILT=1", kept_as="deploy"),
                _make(
                    'smoke BUILT=1 SITE="$SITE_URL" WRITE=1 ARGS="--patience 600"',
                    kept_as="smoke",
                    SITE_URL="${{ vars.SITE_URL }}",
                ),
                _summary("deploy", "smoke"),
            ],
        ),
        "publish": Job(
            when=f"{_MAIN} && {_OWN_SITE}",
            needs=["deploy"],
            may=_ASK_FOR_A_ROLE,
            calls="$/.github/workflows/html-deploy.yml",
        ),
        "report": Job(
            when=f"always() && {_MAIN} && {_CONFIGURED}",
            needs=["check", "build", "deploy", "publish"],
            may={"contents": "read", "issues": "write"},
            minutes=5,
            steps=[
                _CHECKOUT,
                _github(
                    "report",
                    GITHUB_TOKEN="${{ github.token }}",
                    CHECK="${{ needs.check.result }}",
                    BUILD="${{ needs.build.result }}",
                    DEPLOY="${{ needs.deploy.result }}",
                    PUBLISH="${{ needs.publish.result }}",
                ),
            ],
        ),
    },
)

_HTML_DEPLOY: Final = Workflow(
    on={"workflow_call": None, "workflow_dispatch": None},
    jobs={
        "build": Job(
            when=f"{_MAIN} && {_CONFIGURED} && {_OWN_SITE}",
            may=_READ,
            minutes=15,
            steps=_build("site", "cdk.out/site"),
            outputs=_DIGEST,
        ),
        "publish": Job(
            when=f"{_MAIN} && {_CONFIGURED} && {_OWN_SITE}",
            needs=["build"],
            may=_ASK_FOR_A_ROLE,
            minutes=15,
            production=True,
            one_at_a_time="site-production",
            steps=[
                *_take("site", "cdk.out/site"),
                _become("site"),
                _make("site BUILT=1", kept_as="site"),
                _summary("site"),
            ],
        ),
    },
)

WORKFLOWS: Final = {
    "check": _CHECK,
    "cdk-deploy": _CDK_DEPLOY,
    "html-deploy": _HTML_DEPLOY,
}
