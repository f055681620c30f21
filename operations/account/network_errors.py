"""Explains why this machine cannot reach AWS: the problem and the fix."""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final
from urllib.parse import urlsplit

from botocore import exceptions as aws

from local.access.loopback import is_loopback
from operations.errors import AccountError, last_line

NETWORK: Final = (
    aws.ConnectionClosedError,
    aws.ConnectTimeoutError,
    aws.EndpointConnectionError,
    aws.ProxyConnectionError,
    aws.ReadTimeoutError,
    aws.SSLError,
)
_CHECK: Final = "check the connection; behind a proxy, export HTTPS_PROXY=http://host:port"
_TUNNEL: Final = re.compile(r"Tunnel connection failed: ([^'\")]+)")


def host_not_found(host: str, region: str, regions: Sequence[str]) -> AccountError:
    if region in regions:
        return AccountError(f"no network: {host} cannot be looked up", _CHECK)
    near = " or ".join(get_close_matches(region, regions, n=2)) or "us-east-1"
    return AccountError(
        f"there is no host {host}, and boto3 knows of no region {region}",
        f"export AWS_REGION={near}",
    )


def unreachable(error: Exception) -> AccountError:
    details: Mapping[str, Any] = getattr(error, "kwargs", {})
    url = str(details.get("endpoint_url", ""))
    host = urlsplit(url).hostname or "AWS"
    if isinstance(error, aws.ProxyConnectionError):
        return _proxy_refuses(str(details.get("proxy_url", "")), str(details.get("error", "")))
    if is_loopback(url):
        return AccountError(
            f"nothing answers at {url}, where AWS_ENDPOINT_URL leads",
            "start it, or unset AWS_ENDPOINT_URL",
        )
    if isinstance(error, aws.SSLError):
        said = last_line(str(details.get("error", "")))
        return AccountError(
            f"the certificate of {host} is not trusted ({said})",
            "export AWS_CA_BUNDLE= with your network's certificates, and set this machine's clock",
        )
    if isinstance(error, aws.ConnectTimeoutError | aws.ReadTimeoutError):
        return AccountError(f"{host} did not answer in two tries of 3 s", _CHECK)
    return AccountError(f"{host} cannot be reached", _CHECK)


def _proxy_refuses(url: str, said: str) -> AccountError:
    reason = _TUNNEL.search(said)
    refusal = f"answers {reason[1].strip()}" if reason else "refuses the connection"
    # The part before the @ holds a password.
    address = url.rpartition("@")[2].rpartition("/")[2]
    return AccountError(
        f"the proxy {address} {refusal}",
        "correct HTTPS_PROXY, or unset it where no proxy is needed",
    )
