"""Deploys to the local cloud with the CDK that also deploys to AWS.

A change of Lambda code alone does not change the templates. Then the changed functions get their
new code directly, in a second instead of a synth's ten.
"""

import fcntl
import hashlib
import io
import json
import os
import sys
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from botocore.exceptions import ClientError

from config import names
from config.environments import LOCAL
from config.manifest import Function
from config.manifests import enabled
from local.bootstrap import ROOT
from local.cloud import NODE, Cloud
from local.terminal.progress import Step, step
from operations.deploy.cdk import CdkError, run_cdk
from stacks.shared.packaging import Package, function_package, services_called

_STACKS_AT_ONCE: Final = 4
_SHAPES_TEMPLATES: Final = (
    "app.py",
    "cdk.json",
    "config/**/*",
    "stacks/**/*.py",
    "lambdas/**/settings.py",
    "lambdas/**/routes.py",
    "lambdas/requirements*.lock",
    # The games' entries for the edge are made with these.
    "lambdas/scores/rules.py",
    "lambdas/shared/edge_store.py",
    # The patch receives its APIs in this form.
    "lambdas/edge/apis.py",
    "lambdas/edge/access_logs.py",
    "cf_functions/**/*.js",
    "cf_functions/bundle.mjs",
    "cf_functions/*.py",
    "package-lock.json",
)


class DeployError(Exception):
    """Why a deploy failed, and where the whole story is."""


@dataclass(frozen=True, slots=True)
class Record:
    """The deployed state: the templates' shape, the code of functions, and those swapped since."""

    shape: str
    code: dict[str, str]
    swapped: list[str]


class Deployment:
    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._assembly = cloud.directory / "cdk.out"
        self._log = cloud.directory / "deploy.log"

    def bring_up_to_date(self) -> str:
        """Does what is needed and no more; says what it did."""
        with self._alone():
            return self._bring_up_to_date()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self._cloud.directory / "deploy.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _bring_up_to_date(self) -> str:
        packages = {
            function.name: function_package(function, LOCAL.target)
            for capability in enabled(LOCAL)
            for function in capability.functions
        }
        now = Record(template_shape(), {name: each.digest for name, each in packages.items()}, [])
        before = self._read_record()
        if before is None or before.shape != now.shape:
            self.deploy_everything()
            # CloudFormation does not know of swapped code, so it would leave it there.
            for name in before.swapped if before else []:
                self._push(name, packages[name])
            self._write_record(now)
            return "deployed every stack"
        changed = [name for name, digest in now.code.items() if before.code.get(name) != digest]
        for name in changed:
            with step(f"new code for {name}"):
                self._push(name, packages[name])
        self._write_record(replace(now, swapped=sorted({*before.swapped, *changed})))
        return f"new code for {', '.join(changed)}" if changed else "nothing had changed"

    def deploy_everything(self) -> None:
        # From the first change on: an interrupted deploy is done again, whole.
        self._void_record()
        if not self._is_bootstrapped():
            with step("cdk bootstrap") as running:
                account = f"aws://{LOCAL.account}/{LOCAL.region}"
                # Away from cdk.json, or it would synthesise the stacks only to ignore them.
                self._cdk(["bootstrap", account], running, folder=self._cloud.directory)
        with step("cdk deploy --all") as running:
            side_by_side = f"--concurrency={_STACKS_AT_ONCE}"
            self._cdk_app(["deploy", "--all", "--require-approval=never", side_by_side], running)
        with step("finishing"):
            self._finish()

    def _finish(self) -> None:
        """On AWS, rules call these functions after each deploy. The emulator has no such events."""
        for function in (each for capability in enabled(LOCAL) for each in capability.functions):
            if function.runs_after_deploys:
                answer = self._cloud.client("lambda").invoke(FunctionName=function.name)
                if "FunctionError" in answer:
                    why = answer["Payload"].read().decode()
                    raise DeployError(f"{function.name} failed: {why}")

    def destroy(self, stack: str) -> None:
        self._void_record()
        with step(f"cdk destroy {stack}") as running:
            self._cdk_destroy(stack, "--exclusively", running=running)

    def destroy_everything(self) -> None:
        with step("cdk destroy --all") as running:
            self._cdk_destroy("--all", running=running)
        with suppress(ClientError):
            self._cloud.client("ssm").delete_parameter(Name=names.LOCAL_RECORD)

    def _cdk_destroy(self, *what: str, running: Step) -> None:
        """By what was deployed: nothing of it need be synthesised again."""
        app = [f"--app={self._assembly}", "--progress=events"]
        self._cdk(["destroy", *what, "--force", *app], running, folder=ROOT)

    def _cdk_app(self, arguments: Sequence[str], running: Step) -> None:
        app = [f"--app={sys.executable} app.py", f"--output={self._assembly}"]
        context = ["--context=environment=local"]
        self._cdk([*arguments, "--progress=events", *app, *context], running, folder=ROOT)

    def _cdk(self, arguments: Sequence[str], running: Step, *, folder: Path) -> None:
        try:
            run_cdk(
                arguments,
                log=self._log,
                running=running,
                folder=folder,
                environment=self._environment(),
                node=str(NODE / "node"),
                mode="a",
            )
        except CdkError as error:
            raise DeployError(str(error)) from None

    def _environment(self) -> dict[str, str]:
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith("AWS_")
        }
        return (
            inherited
            | self._cloud.credentials()
            | {
                "PATH": f"{NODE}{os.pathsep}{os.environ['PATH']}",
                "CDK_DISABLE_CLI_TELEMETRY": "true",
                "CI": "true",
            }
        )

    def _is_bootstrapped(self) -> bool:
        stacks = self._cloud.client("cloudformation").list_stacks(
            StackStatusFilter=["CREATE_COMPLETE", "UPDATE_COMPLETE"]
        )
        return any(stack["StackName"] == "CDKToolkit" for stack in stacks["StackSummaries"])

    def swap_code(self, function: Function) -> None:
        self._push(function.name, function_package(function, LOCAL.target))

    def _push(self, function_name: str, package: Package) -> None:
        self._cloud.client("lambda").update_function_code(
            FunctionName=function_name, ZipFile=_zipped(package.path)
        )

    def _read_record(self) -> Record | None:
        """Kept in the cloud itself, so it can never speak of another cloud's state."""
        try:
            answer = self._cloud.client("ssm").get_parameter(Name=names.LOCAL_RECORD)
            return Record(**json.loads(answer["Parameter"]["Value"]))
        except (ClientError, ValueError, TypeError):
            return None

    def _write_record(self, record: Record) -> None:
        self._cloud.client("ssm").put_parameter(
            Name=names.LOCAL_RECORD, Type="String", Overwrite=True, Value=json.dumps(asdict(record))
        )

    def _void_record(self) -> None:
        """Whose code was swapped is remembered: CloudFormation would leave it there."""
        record = self._read_record()
        if record is not None:
            self._write_record(replace(record, shape=""))


def template_shape() -> str:
    """Changes whenever a synth might give other templates, or other layers."""
    parts = hashlib.sha256(",".join(sorted(services_called())).encode())
    for path in _files(_SHAPES_TEMPLATES):
        parts.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return parts.hexdigest()


def _files(patterns: Iterable[str]) -> list[Path]:
    found = {path for pattern in patterns for path in ROOT.glob(pattern)}
    return sorted(path for path in found if path.is_file() and "__pycache__" not in path.parts)


def _zipped(directory: Path) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(directory.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(directory))
    return buffer.getvalue()
