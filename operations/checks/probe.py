"""One request to an origin, as CloudFront would send it."""

from collections.abc import Mapping
from urllib.parse import urlsplit

import urllib3

from local.loopback import is_loopback
from operations.checks.check import Broken


def ask(endpoint: str, method: str, path: str, headers: Mapping[str, str]) -> int:
    """The status it answers with."""
    address = urlsplit(endpoint)
    url, host = f"{endpoint}{path}", address.netloc
    if is_loopback(endpoint):
        # Not every resolver knows names under localhost.
        url = address._replace(
            netloc=f"127.0.0.1:{address.port}", path=address.path + path
        ).geturl()
    with urllib3.PoolManager(retries=False, timeout=10) as pool:
        try:
            answer = pool.request(method, url, headers={"Host": host, **headers})
        except urllib3.exceptions.HTTPError as failure:
            raise Broken(
                f"{address.hostname} does not answer: {type(failure).__name__}",
                "see that the API is deployed and that this machine's network is up",
            ) from failure
    return int(answer.status)
