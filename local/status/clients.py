"""Clients of the local cloud that give up soon, so that the page never hangs."""

from __future__ import annotations

import threading
from typing import Any, Final

from botocore.config import Config

from local.access.loopback import key_value_store_client
from local.cloud import Cloud

_IMPATIENT: Final = Config(connect_timeout=1, read_timeout=5, retries={"total_max_attempts": 1})
_MAKING: Final = threading.Lock()
"""boto3's default session serves ordinary requests, and no session makes two clients at once."""


class Clients:
    def __init__(self, cloud: Cloud) -> None:
        with _MAKING:
            self.cloudformation = _client(cloud, "cloudformation")
            self.cloudfront = _client(cloud, "cloudfront")
            self.dynamodb = _client(cloud, "dynamodb")
            self.logs = _client(cloud, "logs")
            self.ssm = _client(cloud, "ssm")
            self.keys = key_value_store_client(cloud.session, cloud.port, _IMPATIENT)

    def parameter(self, name: str) -> str:
        return str(self.ssm.get_parameter(Name=name)["Parameter"]["Value"])

    def close(self) -> None:
        for client in vars(self).values():
            client.close()


def _client(cloud: Cloud, service: str) -> Any:
    return cloud.client(service, cloud.session, _IMPATIENT)
