"""make dev: runs the whole system on this machine until Ctrl-C."""

import argparse
import fcntl
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final, NoReturn

from config.environments import LOCAL
from config.model import ConfigError
from local.access.credentials import AWS_FILE
from local.access.running import DIRECTORY, PORT_FILE, READY_FILE
from local.bootstrap import ROOT
from local.cloud import STRICT, Cloud, CloudError, refuse_busy_port
from local.deploy import DeployError, Deployment
from local.edge.server import LocalEdge
from local.make.ports import port_number, refuse_equal
from local.seeds import SeedError, all_hints, seed_all
from local.status import StatusPage, status_url
from local.terminal.errors import VariableError
from local.terminal.progress import step
from operations.site.files import SiteError
from operations.site.publish import publish
from stacks.shared.packaging import PackagingError

_REPORTED: Final = (
    CloudError,
    DeployError,
    ConfigError,
    PackagingError,
    SeedError,
    SiteError,
    VariableError,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cloud-port", default="4566")
    parser.add_argument("--edge-port", default="8000")
    parser.add_argument("--keep", action="store_true", help="keep scores across restarts")
    parser.add_argument("--not-strict", action="store_true", help="also accept what AWS refuses")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with _only_one_here() as first:
            if first:
                cloud_port, edge_port = _ports(options)
                cloud = Cloud(
                    DIRECTORY,
                    cloud_port,
                    keep_state=options.keep,
                    strictness=replace(STRICT, on=not options.not_strict),
                )
                _run(cloud, edge_port, keep=options.keep)
            else:
                _update_running_system()
    except _REPORTED as error:
        sys.exit(f"{error}")
    except KeyboardInterrupt:
        print("\nstopped")


def _ports(options: argparse.Namespace) -> tuple[int, int]:
    cloud = port_number("CLOUD_PORT", options.cloud_port, 4566)
    edge = port_number("EDGE_PORT", options.edge_port, 8000)
    refuse_equal(cloud, edge)
    return cloud, edge


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


@contextmanager
def _only_one_here() -> Iterator[bool]:
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    with (DIRECTORY.parent / "dev.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _run(cloud: Cloud, edge_port: int, *, keep: bool) -> None:
    _prepare(cloud.port, keep=keep)
    refuse_busy_port(edge_port, "EDGE_PORT")
    with ExitStack() as at_the_end:
        at_the_end.callback(_stop, cloud)
        with step("starting the local cloud"):
            cloud.start()
        print(Deployment(cloud).bring_up_to_date())
        with step("publishing the site"):
            publish(cloud.client, LOCAL)
        with step("seeding demo data"):
            seed_all(cloud)
        edge = LocalEdge(cloud, edge_port, pages=StatusPage)
        at_the_end.callback(edge.stop)
        edge.start()
        at_the_end.callback(READY_FILE.unlink, missing_ok=True)
        READY_FILE.write_text(edge.url)
        _greet(cloud, edge, keep=keep)
        cloud.wait()
        raise CloudError(f"the local cloud stopped unexpectedly; see {cloud.log}")


def _stop(cloud: Cloud) -> None:
    with step("stopping the local cloud"):
        cloud.stop()


def _prepare(port: int, *, keep: bool) -> None:
    kept_port = int(PORT_FILE.read_text()) if keep and PORT_FILE.exists() else port
    if kept_port != port:
        raise CloudError(
            f"the kept state uses port {kept_port}: "
            f"make dev KEEP=1 CLOUD_PORT={kept_port}, or start without it: make dev"
        )
    if not keep:
        shutil.rmtree(DIRECTORY, ignore_errors=True)
    DIRECTORY.mkdir(exist_ok=True)
    READY_FILE.unlink(missing_ok=True)
    PORT_FILE.write_text(str(port))


def _update_running_system() -> None:
    if not READY_FILE.exists():
        raise CloudError(
            "make dev is already starting in this folder; wait until it prints its address"
        )
    cloud = Cloud(DIRECTORY, int(PORT_FILE.read_text()))
    deployed = Deployment(cloud).bring_up_to_date()
    print(f"make dev already runs in this folder: {deployed}; {publish(cloud.client, LOCAL)}")


def _greet(cloud: Cloud, edge: LocalEdge, *, keep: bool) -> None:
    hints = [
        *all_hints(edge.url),
        ("status", status_url(edge)),
        ("AWS", f"{cloud.url}   (for any AWS program: . {_short(cloud.directory / AWS_FILE)})"),
        ("state", "kept in .local/dev" if keep else "discarded; make dev KEEP=1 keeps it"),
        ("logs", _short(cloud.log)),
    ]
    listed = "\n".join(f"  {label:<8} {text}" for label, text in hints)
    print(f"""
  {edge.url}

{listed}

  make dev in another terminal deploys your changes; Ctrl-C stops everything.
""")


def _short(path: Path) -> str:
    return str(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
