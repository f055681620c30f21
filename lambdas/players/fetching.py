"""Requests to providers over HTTPS, with short patience and without redirects."""

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final, NamedTuple, Protocol

import urllib3

_MOST_BYTES: Final = 256 * 1024
_PATIENCE: Final = urllib3.Timeout(connect=1.0, read=3.0)


class Unreachable(Exception):
    """A provider that does not answer, or says nothing that could be read."""


class Fetched(NamedTuple):
    status: int
    body: Any
    """The JSON of the answer."""


class Http(Protocol):
    def get(self, url: str, headers: Mapping[str, str]) -> Fetched: ...

    def post(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Fetched: ...


class Fetcher:
    @cached_property
    def _pool(self) -> urllib3.PoolManager:
        # It trusts the roots of the operating system: the layer has Amazon's alone.
        return urllib3.PoolManager(timeout=_PATIENCE, retries=False)

    def get(self, url: str, headers: Mapping[str, str]) -> Fetched:
        return self._fetched("GET", url, headers=headers)

    def post(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Fetched:
        return self._fetched("POST", url, headers=headers, fields=form, encode_multipart=False)

    def _fetched(self, method: str, url: str, **request: Any) -> Fetched:
        try:
            answer = self._pool.request(
                method, url, redirect=False, preload_content=False, **request
            )
            try:
                body = answer.read(_MOST_BYTES + 1, decode_content=True)
            finally:
                answer.close()
            if len(body) > _MOST_BYTES:
                raise Unreachable
            return Fetched(answer.status, json.loads(body or b"null"))
        except (urllib3.exceptions.HTTPError, ValueError, RecursionError):
            # The cause names the address, and perhaps what was sent.
            raise Unreachable from None
