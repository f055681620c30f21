"""Calls the HTTP API as CloudFront does: with the origin lock and a verified play."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import urllib3

from config import names
from lambdas.shared.http.origin_lock import accepted_values
from local.cloud.process import Cloud


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: Any


class Origin:
    """One HTTP API, by the parameter that holds its endpoint."""

    def __init__(self, cloud: Cloud, endpoint: str) -> None:
        ssm = cloud.client("ssm")
        self.address: str = ssm.get_parameter(Name=endpoint)["Parameter"]["Value"]
        lock = ssm.get_parameter(Name=names.ORIGIN_LOCK, WithDecryption=True)
        # The older of two locks, which every instance has read.
        self.lock = accepted_values(lock["Parameter"]["Value"])[-1]
        self._cloud_url = cloud.url
        self._host = urlsplit(self.address).netloc
        self.path = urlsplit(self.address).path
        self._pool = urllib3.PoolManager(retries=False, maxsize=16)

    def request(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        *,
        locked: bool = True,
    ) -> Reply:
        # Not every resolver knows names under localhost, so the name goes into the Host header.
        sent = {"Host": self._host, "X-Amz-Cf-Id": secrets.token_urlsafe(42)}
        if locked:
            sent["X-Origin-Verify"] = self.lock
        answer = self._pool.request(
            method,
            f"{self._cloud_url}{self.path}{path}",
            headers={**sent, **(headers or {})},
            body=body,
        )
        return Reply(answer.status, answer.headers, json.loads(answer.data))
