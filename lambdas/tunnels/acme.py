"""Orders certificates by ACME (RFC 8555), over http-01, with renewal information (RFC 9773)."""

import base64
import hashlib
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from lambdas.tunnels.p256 import PrivateKey
from lambdas.tunnels.x509 import Leaf, private_key_pem, request

_AGENT: Final = "htmlgame-tunnels/1"
_TIMEOUT: Final = 15
_MOST_BYTES: Final = 200_000
_POLL_SECONDS: Final = 0.5
_LONGEST_POLL: Final = 5.0
_RATE_LIMITED: Final = "urn:ietf:params:acme:error:rateLimited"
_BAD_NONCE: Final = "urn:ietf:params:acme:error:badNonce"
_NONCE_TRIES: Final = 3

Json = dict[str, Any]


class AcmeError(Exception):
    """The authority refuses. The message is its own."""

    def __init__(self, kind: str, detail: str, retry_after_s: int = 0) -> None:
        super().__init__(f"the certificate authority says: {detail or kind}"[:300])
        self.kind = kind
        self.retry_after_s = retry_after_s

    @property
    def is_rate_limit(self) -> bool:
        return self.kind == _RATE_LIMITED


@dataclass(frozen=True, slots=True)
class Issued:
    chain: str
    private_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Json:
        try:
            content = json.loads(self.body or b"{}")
        except ValueError:
            content = None
        return content if isinstance(content, dict) else {}


class Acme:
    def __init__(
        self,
        directory: str,
        key: PrivateKey,
        *,
        contact: str = "",
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._key, self._contact, self._wait = key, contact, wait
        self._directory = _fetched(directory)
        self._account = ""
        self._nonce = ""

    def order(
        self, domain: str, publish: Callable[[str, str], None], *, until: float, replaces: str = ""
    ) -> Issued:
        """Publishes each challenge's answer by its token, and gives up at this monotonic time."""
        wanted: Json = {"identifiers": [{"type": "dns", "value": domain}]}
        if replaces and "renewalInfo" in self._directory:
            wanted["replaces"] = replaces
        created = self._post(self._directory["newOrder"], wanted)
        order, address = created.json, created.headers.get("location", "")
        for each in order["authorizations"]:
            self._authorize(each, publish, until)
        key = PrivateKey.new()
        self._post(order["finalize"], {"csr": _base64(request(domain, key))})
        finished = self._polled(address, until)
        chain = self._post(finished["certificate"], None).body.decode()
        return Issued(chain, private_key_pem(key))

    def _authorize(self, address: str, publish: Callable[[str, str], None], until: float) -> None:
        authorization = self._post(address, None).json
        if authorization["status"] == "valid":
            return
        challenge = next(each for each in authorization["challenges"] if each["type"] == "http-01")
        publish(challenge["token"], f"{challenge['token']}.{self._thumbprint}")
        self._post(challenge["url"], {})
        self._polled(address, until)

    def _polled(self, address: str, until: float) -> Json:
        """The order or the authorization, once it is valid."""
        pause = _POLL_SECONDS
        while True:
            found = self._post(address, None).json
            if found["status"] == "valid":
                return found
            if found["status"] == "invalid":
                raise _problem_in(found)
            if time.monotonic() > until:
                raise AcmeError("timeout", f"it is still {found['status']}; trying again later")
            self._wait(pause)
            pause = min(pause * 1.5, _LONGEST_POLL)

    def renewal_time(self, leaf: Leaf) -> int | None:
        """When the authority wants it renewed. None where it does not say."""
        if "renewalInfo" not in self._directory or not leaf.authority_key:
            return None
        try:
            window = _fetched(f"{self._directory['renewalInfo']}/{leaf.renewal_id}")[
                "suggestedWindow"
            ]
            return (_seconds(window["start"]) + _seconds(window["end"])) // 2
        except (AcmeError, OSError, KeyError, ValueError):
            return None

    @property
    def _jwk(self) -> Json:
        x, y = (each.to_bytes(32, "big") for each in self._key.public)
        return {"crv": "P-256", "kty": "EC", "x": _base64(x), "y": _base64(y)}

    @property
    def _thumbprint(self) -> str:
        canonical = json.dumps(self._jwk, sort_keys=True, separators=(",", ":"))
        return _base64(hashlib.sha256(canonical.encode()).digest())

    def _sign_up(self) -> str:
        """The address of the account, which is made with the first request of its key."""
        asked: Json = {"termsOfServiceAgreed": True}
        if self._contact:
            asked["contact"] = [f"mailto:{self._contact}"]
        made = self._send(self._directory["newAccount"], asked, {"jwk": self._jwk})
        return made.headers["location"]

    def _post(self, address: str, payload: Json | None) -> _Reply:
        if not self._account:
            self._account = self._sign_up()
        return self._send(address, payload, {"kid": self._account})

    def _send(self, address: str, payload: Json | None, who: Json) -> _Reply:
        for _ in range(_NONCE_TRIES):
            reply = _answered(address, self._signed(address, payload, who))
            self._nonce = reply.headers.get("replay-nonce", "")
            if reply.status < 400:
                return reply
            if reply.json.get("type") != _BAD_NONCE:
                break
        raise _refusal(reply)

    def _signed(self, address: str, payload: Json | None, who: Json) -> bytes:
        if not self._nonce:
            self._nonce = _answered(self._directory["newNonce"]).headers["replay-nonce"]
        head = {"alg": "ES256", "nonce": self._nonce, "url": address, **who}
        protected = _base64(json.dumps(head).encode())
        content = "" if payload is None else _base64(json.dumps(payload).encode())
        signature = self._key.sign(f"{protected}.{content}".encode()).raw
        body = {"protected": protected, "payload": content, "signature": _base64(signature)}
        return json.dumps(body).encode()


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def _fetched(address: str) -> Json:
    reply = _answered(address)
    if reply.status != 200:
        raise _refusal(reply)
    return reply.json


def _answered(address: str, body: bytes | None = None) -> _Reply:
    if not address.startswith("https://"):
        raise AcmeError("malformed", f"{address[:80]!r} is no https address")
    headers = {"User-Agent": _AGENT, "Content-Type": "application/jose+json"}
    asked = urllib.request.Request(address, data=body, headers=headers)  # noqa: S310
    try:
        with urllib.request.urlopen(asked, timeout=_TIMEOUT) as answer:  # noqa: S310
            return _Reply(answer.status, _lower(answer.headers), answer.read(_MOST_BYTES))
    except urllib.error.HTTPError as error:
        with error:
            return _Reply(error.code, _lower(error.headers), error.read(_MOST_BYTES))


def _lower(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _refusal(reply: _Reply) -> AcmeError:
    problem = reply.json
    after = reply.headers.get("retry-after", "")
    return AcmeError(
        str(problem.get("type", f"status {reply.status}")),
        str(problem.get("detail", "")),
        int(after) if after.isdigit() else 0,
    )


def _problem_in(found: Json) -> AcmeError:
    """Of an order, or of the challenge of an authorization."""
    challenges = found.get("challenges", ())
    problem: Json = found.get("error") or next(
        (each["error"] for each in challenges if "error" in each), {}
    )
    return AcmeError(str(problem.get("type", "invalid")), str(problem.get("detail", "")))
