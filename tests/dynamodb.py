"""DynamoDB by two implementations that share no code.

Moto runs in this process. Dynalite, made by comparison with AWS, runs in one of its own and counts
read and write units as AWS bills them. It has no transactions, no streams and no backups: tests of
those run on moto alone or on the emulator.
"""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final

import boto3
from botocore.config import Config
from moto import mock_aws

from local.bootstrap import ROOT
from local.cloud import NODE
from tests.engines import require

_REGION: Final = "us-east-1"
_SERVER: Final = Path(__file__).with_name("dynalite.mjs")
_ONCE: Final = Config(retries={"total_max_attempts": 1})


@contextmanager
def moto() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("dynamodb", region_name=_REGION)


@contextmanager
def dynalite() -> Iterator[Any]:
    """A client of a fresh one, which ends with its last user."""
    require(
        (ROOT / "node_modules" / "dynalite").is_dir(),
        "no dynalite in node_modules: make install-test",
    )
    command = [str(NODE / "node"), "--no-warnings", str(_SERVER)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        with server.stdin:
            port = int(server.stdout.readline())
            yield boto3.client(
                "dynamodb",
                region_name=_REGION,
                endpoint_url=f"http://127.0.0.1:{port}",
                config=_ONCE,
            )


ENGINES: Final[dict[str, Callable[[], AbstractContextManager[Any]]]] = {
    "moto": moto,
    "dynalite": dynalite,
}


def is_moto(client: Any) -> bool:
    return not str(client.meta.endpoint_url).startswith("http://127.0.0.1:")
