"""Clients of a cloud on this machine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import boto3
    from botocore.config import Config

_HOSTS: Final = {"127.0.0.1", "localhost", "::1"}


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host in _HOSTS or host.endswith(".localhost")


def bypass_proxies() -> None:
    """Keeps requests to this machine away from any proxy."""
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost,.localhost"


def key_value_store_client(session: boto3.Session, port: int, config: Config | None = None) -> Any:
    """The client prefixes the host with the account, and not every resolver knows such names."""
    client = session.client(
        "cloudfront-keyvaluestore",
        endpoint_url=f"http://localhost:{port}",
        region_name="us-east-1",
        config=config,
    )
    client.meta.events.register("before-send", connect_to_loopback)
    return client


def connect_to_loopback(request: Any, **_: Any) -> None:
    address = urlsplit(request.url)
    # The Host header is already signed, so it stays.
    request.url = address._replace(netloc=f"127.0.0.1:{address.port}").geturl()
