"""One request to an API, as CloudFront or a visitor would send it.

A capability with an API describes the answers of a healthy API in operations/<name>/probes.py:
probe(), which returns a Probe. The doctor and make verify-aws send its questions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import urllib3

from config import names
from config.manifests import writer_of
from lambdas.shared.http.origin_lock import HEADER, accepted_values
from local.access.loopback import is_loopback
from operations.cli.session import Session
from operations.findings import Broken, deploy


@dataclass(frozen=True, slots=True)
class Question:
    method: str
    path: str
    status: int
    """The status of a healthy API."""
    function: str = ""
    """Whose log explains another status."""


@dataclass(frozen=True, slots=True)
class Probe:
    name: str
    parameter: str
    """The SSM parameter of the API's address."""
    stack: str
    locked: tuple[Question, ...]
    """Sent with the origin lock. The API refuses each of them without it."""
    public: Question
    """Sent through the site. It reads, and writes nothing."""


def check_api(session: Session, probe: Probe) -> str:
    endpoint = session.parameter(probe.parameter, probe.stack)
    writer = writer_of(names.ORIGIN_LOCK)
    lock = accepted_values(session.parameter(names.ORIGIN_LOCK, writer.stack))[0]
    for each in probe.locked:
        answered = ask(endpoint, each.method, each.path, {HEADER: lock})
        if answered != each.status:
            raise Broken(
                f"{each.method} with the origin lock: {answered}, not {each.status}",
                f"read the log of {each.function}",
            )
    first = probe.locked[0]
    answered = ask(endpoint, first.method, first.path, {})
    if answered != _REFUSED:
        raise Broken(
            f"{first.method} without the origin lock: {answered}, not {_REFUSED}",
            f"{deploy(probe.stack)}: the API answers everybody",
        )
    return "answers requests with the origin lock, and no others"


_REFUSED = 403


def ask(endpoint: str, method: str, path: str, headers: Mapping[str, str]) -> int:
    """The status of the answer."""
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
                "check that the API is deployed and that this machine has a network",
            ) from failure
    return int(answer.status)
