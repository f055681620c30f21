"""Caddy as a child: it ends TLS, and sends each domain to its agent."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from .commands import run
from .errors import NotApplied, TunnelError

_START_SECONDS = 10.0
_LOAD_SECONDS = 30
_KEEPS_STREAMS = (2, 7)
"""Older versions close WebSockets at every reload."""
_STREAMS_LAST = "24h"
_LIMITS = {"read_header_timeout": "10s", "idle_timeout": "2m", "max_header_bytes": 64 * 1024}
"""Visitors who never finish a request hold a connection for no longer."""


class Caddy:
    def __init__(self, state: Path, program: str, *, http_port: int, https_port: int) -> None:
        self._state, self._program = state, program
        self._ports = http_port, https_port
        self._socket = state / "caddy.sock"
        self._process: subprocess.Popen[bytes] | None = None
        self._loaded: bytes | None = None
        self._keeps_streams = _version(run(program, "version")) >= _KEEPS_STREAMS

    def load(self, data: dict[str, Any], challenge: str) -> None:
        """Replaces the config, or changes nothing. Open streams go on."""
        config = json.dumps(self.config(data, challenge), sort_keys=True).encode()
        if not self.alive:
            self._start(config)
        elif config != self._loaded:
            self._post(config)
        self._loaded = config

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def revive(self) -> None:
        if not self.alive and self._loaded is not None:
            self._start(self._loaded)

    def _start(self, config: bytes) -> None:
        self._socket.unlink(missing_ok=True)
        log = os.open(self._state / "caddy.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._process = subprocess.Popen(
            [self._program, "run", "--config", "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=log,
            env={
                **os.environ,
                "XDG_DATA_HOME": str(self._state),
                "XDG_CONFIG_HOME": str(self._state),
            },
        )
        os.close(log)
        if self._process.stdin is not None:
            with contextlib.suppress(OSError), self._process.stdin as given:
                given.write(config)
        until = time.monotonic() + _START_SECONDS
        while not self._socket.exists():
            if self._process.poll() is not None or time.monotonic() > until:
                raise NotApplied(f"caddy did not start: {self._last_words()}")
            time.sleep(0.02)

    def _last_words(self) -> str:
        lines = (self._state / "caddy.log").read_text(errors="replace").splitlines()
        return lines[-1][-200:] if lines else "it said nothing"

    def _post(self, config: bytes) -> None:
        connection = http.client.HTTPConnection("localhost", timeout=_LOAD_SECONDS)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(_LOAD_SECONDS)
        try:
            connection.sock.connect(str(self._socket))
            connection.request("POST", "/load", config, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            body = answer.read().decode(errors="replace")
        except OSError as error:
            raise NotApplied(f"caddy does not take a config: {error}") from None
        finally:
            connection.close()
        if answer.status != 200:
            raise NotApplied(f"caddy refused the config: {body[:200]}")

    def down(self) -> None:
        if self._process is not None and self.alive:
            self._process.terminate()
            try:
                self._process.wait(8)
            except subprocess.TimeoutExpired:
                self._process.kill()

    def config(self, data: dict[str, Any], challenge: str) -> dict[str, Any]:
        tunnels = [each for each in data["tunnels"] if each["protocol"] == "http"]
        plain, secure = self._ports
        return {
            # persist would write private keys to a file of Caddy's own.
            "admin": {"listen": f"unix/{self._socket}", "config": {"persist": False}},
            "logging": {"logs": {"default": {"level": "ERROR"}}},
            "apps": {
                "http": {
                    "grace_period": "5s",
                    "servers": {
                        "plain": {
                            **_LIMITS,
                            "listen": [":%d" % plain],
                            "automatic_https": {"disable": True},
                            "routes": [_challenge(challenge), _TO_HTTPS],
                        },
                        "tls": {
                            **_LIMITS,
                            "listen": [":%d" % secure],
                            "automatic_https": {"disable": True},
                            "protocols": ["h1", "h2"],
                            "tls_connection_policies": [{}],
                            "routes": [*map(self._route, tunnels), _NOT_FOUND],
                        },
                    },
                },
                "tls": {
                    "certificates": {
                        "load_pem": [
                            {"certificate": each["certificate"], "key": each["privateKey"]}
                            for each in data["certificates"]
                        ]
                    },
                    "disable_ocsp_stapling": True,
                },
            },
        }

    def _route(self, tunnel: dict[str, Any]) -> dict[str, Any]:
        transport: dict[str, Any] = {"protocol": "http", "dial_timeout": "3s"}
        if tunnel["proxyProtocol"]:
            transport["proxy_protocol"] = "v2"
        handler: dict[str, Any] = {
            "handler": "reverse_proxy",
            "flush_interval": -1,
            "upstreams": [{"dial": "%s:%d" % (tunnel["agentVirtualIp"], tunnel["port"])}],
            "transport": transport,
            "load_balancing": {"try_duration": "2s", "try_interval": "250ms"},
            "headers": {"request": {"set": {"X-Real-Ip": ["{http.request.remote.host}"]}}},
        }
        if self._keeps_streams:
            handler["stream_close_delay"] = _STREAMS_LAST
        return {
            "match": [{"host": [tunnel["domain"]]}],
            "terminal": True,
            "handle": [handler],
        }


def _challenge(address: str) -> dict[str, Any]:
    location = address + "/{http.request.host}/{http.request.uri.path.file}"
    return {
        "match": [{"path": ["/.well-known/acme-challenge/*"]}],
        "terminal": True,
        "handle": [_say(302, {"Location": [location]})],
    }


def _say(status: int, headers: dict[str, list[str]]) -> dict[str, Any]:
    return {"handler": "static_response", "status_code": status, "headers": headers}


_TO_HTTPS = {"handle": [_say(308, {"Location": ["https://{http.request.host}{http.request.uri}"]})]}
_NOT_FOUND = {
    "handle": [
        {**_say(404, {}), "body": "no tunnel has this name\n"},
    ]
}


def _version(text: str) -> tuple[int, int]:
    found = re.search(r"v?(\d+)\.(\d+)", text)
    if found is None:
        raise TunnelError(f"caddy version answers {text[:80]!r}")
    return int(found[1]), int(found[2])
