"""The HTTP API of scores."""

import json
from typing import Any
from urllib.parse import quote

from config.capabilities import scores
from config.paths import API_BASE_PATH
from local.cloud import Cloud
from local.cloud.origin import Origin, Reply


class ScoreOrigin(Origin):
    def __init__(self, cloud: Cloud) -> None:
        super().__init__(cloud, scores.ENDPOINT.parameter)

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
