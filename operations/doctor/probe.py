"""One request to an origin, as CloudFront would send it, or to the site, as a visitor would."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import urllib3

from config import names
from lambdas.shared.http.origin_lock import HEADER, accepted_values
from local.access.loopback import is_loopback
from operations.cli.session import Session
from operations.doctor.check import Broken, deploy


@dataclass(frozen=True, slots=True)
class Question:
    method: str
    path: str
    status: int
    """What it answers where all is well."""
    mend: str
    locked: bool = True


def lets_anybody_in(stack: str) -> str:
    return f"{deploy(stack)}: it lets anybody in"


def origin_answers(session: Session, endpoint: str, *questions: Question) -> None:
    lock = accepted_values(session.parameter(names.ORIGIN_LOCK, names.EDGE_STACK))[0]
    for each in questions:
        answered = ask(endpoint, each.method, each.path, {HEADER: lock} if each.locked else {})
        if answered != each.status:
            how = "with" if each.locked else "without"
            raise Broken(
                f"{each.method} {how} the origin lock: {answered}, not {each.status}", each.mend
            )


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
