"""Calls the HTTP API as CloudFront does: with the origin lock and a verified play."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import urllib3

from config import names
from config.paths import API_BASE_PATH
from lambdas.shared.http.origin_lock import accepted_values
from local.cloud.process import Cloud


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: Any


class Origin:
    def __init__(self, cloud: Cloud, endpoint: str = names.SCORE_API_ENDPOINT) -> None:
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

    def submit(
        self,
        game: str,
        period: str,
        user_id: str,
        *,
        score: int,
        time_ms: int,
        play: str,
        name: str = "Ann",
        meta: dict[str, Any] | None = None,
    ) -> Reply:
        return self.request(
            "PUT",
            f"{API_BASE_PATH}/scores/{game}/{period}/{user_id}",
            {
                "X-Score": str(score),
                "X-Player": quote(name, safe=""),
                "X-Play-Ms": str(time_ms),
                "X-Play-Id": play,
                "Content-Type": "application/json",
            },
            json.dumps({} if meta is None else {"meta": meta}).encode(),
        )

    def ranking(self, game: str, period: str, query: str = "") -> Reply:
        return self.request("GET", f"{API_BASE_PATH}/ranking/{game}/{period}{query}")
