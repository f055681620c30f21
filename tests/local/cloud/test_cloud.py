"""The local cloud starts on a free port, keeps state on request, and ends with its parent."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from local.bootstrap import ROOT
from local.cloud import Cloud, CloudError, free_port, running_cloud


def test_a_busy_port_is_one_clear_line(tmp_path: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        with pytest.raises(CloudError, match=f"^CLOUD_PORT={port}: port {port} is in use") as told:
            Cloud(tmp_path, port).start()
    advice = re.fullmatch(r".*; fix: stop it, or make dev CLOUD_PORT=(\d+)", str(told.value))
    assert advice
    assert int(advice.group(1)) > port


def test_it_listens_on_loopback_alone_and_checks_who_asks(cloud: Cloud) -> None:
    client = cloud.client("sts")
    assert client.get_caller_identity()["Account"] == "000000000000"
    stranger = cloud.client("sts")
    stranger._request_signer._credentials.access_key = "stranger"
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        stranger.get_caller_identity()
    with socket.socket() as elsewhere:
        elsewhere.settimeout(1)
        assert elsewhere.connect_ex((_own_address(), cloud.port)) != 0


def _own_address() -> str:
    """An address of this machine that is not loopback's 127.0.0.1."""
    return "127.0.0.2" if sys.platform == "linux" else socket.gethostbyname(socket.gethostname())


def test_state_survives_a_restart_on_request(tmp_path: Path) -> None:
    port = free_port()
    with running_cloud(tmp_path, port, keep_state=True) as first:
        first.client("ssm").put_parameter(Name="/kept", Value="yes", Type="String")
    with running_cloud(tmp_path, port, keep_state=True) as second:
        kept = second.client("ssm").get_parameter(Name="/kept")
    assert kept["Parameter"]["Value"] == "yes"


def test_it_dies_with_a_keeper_that_was_killed(tmp_path: Path) -> None:
    port = free_port()
    script = (
        "import pathlib, sys, time\n"
        "from local.cloud import Cloud\n"
        f"cloud = Cloud(pathlib.Path({str(tmp_path)!r}), {port})\n"
        "cloud.start()\n"
        "print('ready', flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    ) as keeper:
        assert keeper.stdout is not None
        assert keeper.stdout.readline() == "ready\n"
        keeper.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while _answers(port):
        assert time.monotonic() < deadline, "the emulator outlived its keeper"
        time.sleep(0.1)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
