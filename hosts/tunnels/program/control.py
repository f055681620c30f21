"""Requests to the control plane over HTTPS."""

from __future__ import annotations

import http.client
import json
import ssl
import time
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from .errors import TunnelError
from .websocket import resolved

_SECONDS = 15
_MOST_BYTES = 6 * 1024 * 1024


class ControlError(Exception):
    """Control does not answer, or not as it should."""

    def __init__(self, why: str, status: int = 0) -> None:
        super().__init__(why)
        self.status = status


class Control:
    def __init__(self, url: str, api_key: str) -> None:
        address = urlsplit(url.rstrip("/"))
        host = address.hostname or ""
        local = resolved(host) == "127.0.0.1"
        if address.scheme != "https" and not (address.scheme == "http" and local):
            raise TunnelError(f"CONTROL_URL {url[:100]!r}: it must begin with https://")
        self.url = f"{address.scheme}://{address.netloc}{address.path}"
        self._api_key = api_key
        self._secure, self._host = address.scheme == "https", host
        self._port = address.port or (443 if self._secure else 80)
        self._netloc, self._base = address.netloc, address.path
        self.ahead_seconds = 0.0
        """How far this host's clock is ahead of control's, as its last answer shows."""

    def describe(self) -> dict[str, Any]:
        """Where control listens, and which program it serves."""
        return self._get("/install/control.json", key=None)

    def config(self, path: str) -> dict[str, Any]:
        """This host's config, with certificates."""
        return self._get(path, key=self._api_key)

    def _get(self, path: str, key: str | None) -> dict[str, Any]:
        headers = {"Host": self._netloc, "Accept": "application/json"}
        if key is not None:
            headers["X-Api-Key"] = key
        connection = self._connection()
        try:
            connection.request("GET", self._base + path, headers=headers)
            answer = connection.getresponse()
            body = answer.read(_MOST_BYTES)
        except ssl.SSLCertVerificationError as error:
            raise ControlError(
                f"{self.url} shows a certificate that does not hold: {error.verify_message}; this "
                "host's clock says %s, fix it if it is wrong: timedatectl set-ntp true"
                % time.strftime("%Y-%m-%d %H:%M")
            ) from None
        except (OSError, http.client.HTTPException) as error:
            raise ControlError(f"{self.url} does not answer: {error}") from None
        finally:
            connection.close()
        self.ahead_seconds = _ahead(answer.getheader("Date"))
        if answer.status != 200:
            raise ControlError("%s answers %d" % (path, answer.status), answer.status)
        try:
            content = json.loads(body)
        except ValueError:
            content = None
        if not isinstance(content, dict):
            raise ControlError(f"{path} answers with other than a JSON object")
        return content

    def _connection(self) -> http.client.HTTPConnection:
        if self._secure:
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(
                self._host, self._port, timeout=_SECONDS, context=context
            )
        return http.client.HTTPConnection(resolved(self._host), self._port, timeout=_SECONDS)


def _ahead(date: str | None) -> float:
    try:
        return time.time() - parsedate_to_datetime(date or "").timestamp()
    except (TypeError, ValueError, IndexError):
        return 0.0
