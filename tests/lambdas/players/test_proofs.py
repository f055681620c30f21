"""Tokens that are not what they seem: each is refused with its own code, and costs no account."""

import base64
import hashlib
import hmac
import json
from typing import Any, Final

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from lambdas.players.errors import (
    BadProof,
    ProofKeyUnknown,
    ProviderUnavailable,
)
from lambdas.players.jwt import (
    LEEWAY_SECONDS,
    REREAD_FOR_UNKNOWN_SECONDS,
    REREAD_SECONDS,
    PublishedKeys,
    Verifier,
    keys_in,
)
from tests.lambdas.players.twins import APP, Signer

NOW: Final = 1_795_262_400
ANN: Final = Signer()
FOREIGN: Final = Signer()
"""Another key under the same id."""


def verifier(*signers: Signer) -> Verifier:
    published = {"keys": [each.jwk for each in signers or (ANN,)]}
    return Verifier(PublishedKeys(lambda: published), issuer="privy.io", audience=APP)


def code_of(token: Any) -> str:
    with pytest.raises(BadProof) as refused:
        verifier().claims(token, NOW)
    assert refused.value.__cause__ is None
    return refused.value.code


def encoded(content: Any) -> str:
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def with_header(**changes: Any) -> str:
    """A good token whose header says something else, signed again by its own key."""
    return ANN.token(NOW, headers=changes)


def hs256_with_the_public_key() -> str:
    pem = ANN.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    header = {"alg": "HS256", "typ": "JWT", "kid": ANN.kid}
    claims = {"iss": "privy.io", "aud": APP, "sub": "did:privy:ann", "exp": NOW + 60}
    signed = f"{encoded(header)}.{encoded(claims)}"
    return f"{signed}.{encoded(hmac.digest(pem, signed.encode(), hashlib.sha256))}"


def rs256() -> str:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    claims = {"iss": "privy.io", "aud": APP, "sub": "did:privy:ann", "exp": NOW + 60}
    return jwt.encode(claims, private, algorithm="RS256", headers={"kid": ANN.kid})


def unsigned(**header: Any) -> str:
    claims = {"iss": "privy.io", "aud": APP, "sub": "did:privy:ann", "exp": NOW + 60}
    return f"{encoded({'alg': 'none', 'kid': ANN.kid} | header)}.{encoded(claims)}."


def resigned_zeros() -> str:
    return f"{ANN.token(NOW).rpartition('.')[0]}.{encoded(bytes(64))}"


def padded() -> str:
    return f"{ANN.token(NOW)}="


GOOD: Final = ANN.token(NOW)
HEAD, BODY, SIGNATURE = GOOD.split(".")


def test_a_good_token_is_believed() -> None:
    claims = verifier().claims(GOOD, NOW)
    assert claims["sub"] == "did:privy:ann"
    assert verifier().claims(ANN.token(NOW, aud=["other", APP]), NOW)["aud"] == ["other", APP]


@pytest.mark.parametrize(
    ("token", "code"),
    [
        (None, "proof_malformed"),
        (5, "proof_malformed"),
        ("", "proof_malformed"),
        ("a.b", "proof_malformed"),
        ("a.b.c.d", "proof_malformed"),
        ("..", "proof_malformed"),
        ("é.é.é", "proof_malformed"),
        ("A" * 9_000, "proof_malformed"),
        (f"{HEAD}.{BODY}", "proof_malformed"),
        (f"{encoded([1])}.{BODY}.{SIGNATURE}", "proof_malformed"),
        (f"{encoded(b'[' * 4000)}.{BODY}.{SIGNATURE}", "proof_malformed"),
        (f"{HEAD}.{encoded(b'nonsense')}.{SIGNATURE}", "proof_malformed"),
        (padded(), "proof_malformed"),
        (unsigned(), "proof_algorithm"),
        (unsigned(alg="None"), "proof_algorithm"),
        (unsigned(alg=""), "proof_algorithm"),
        (unsigned(alg=None), "proof_algorithm"),
        (unsigned(alg=["ES256"]), "proof_algorithm"),
        (unsigned(alg="es256"), "proof_algorithm"),
        (hs256_with_the_public_key(), "proof_algorithm"),
        (rs256(), "proof_algorithm"),
        (with_header(crit=["exp"]), "proof_malformed"),
        (ANN.token(NOW, headers={"kid": "nobodys"}), "proof_key_unknown"),
        (FOREIGN.token(NOW), "proof_signature"),
        (f"{HEAD}.{encoded({'sub': 'did:privy:bob'})}.{SIGNATURE}", "proof_signature"),
        (f"{HEAD}.{BODY}.", "proof_signature"),
        (f"{HEAD}.{BODY}.{encoded(bytes(63))}", "proof_signature"),
        (f"{HEAD}.{BODY}.{encoded(bytes(65))}", "proof_signature"),
        (resigned_zeros(), "proof_signature"),
        (ANN.token(NOW, iss="https://privy.io"), "proof_issuer"),
        (ANN.token(NOW, iss=None), "proof_issuer"),
        (ANN.token(NOW, aud="another-app"), "proof_audience"),
        (ANN.token(NOW, aud=["another-app"]), "proof_audience"),
        (ANN.token(NOW, aud=None), "proof_audience"),
        (ANN.token(NOW, exp=NOW - LEEWAY_SECONDS), "proof_expired"),
        (ANN.token(NOW, exp=None), "proof_malformed"),
        (ANN.token(NOW, nbf=NOW + LEEWAY_SECONDS + 1), "proof_expired"),
        (ANN.token(NOW, iat=NOW + LEEWAY_SECONDS + 1), "proof_expired"),
    ],
)
def test_a_bad_token_is_refused_with_a_stable_code(token: Any, code: str) -> None:
    assert code_of(token) == code


@pytest.mark.parametrize("value", ["soon", True, [], {}])
def test_an_expiry_that_is_no_moment_is_malformed(value: Any) -> None:
    header = {"alg": "ES256", "kid": ANN.kid}
    claims = {"iss": "privy.io", "aud": APP, "sub": "a", "exp": value}
    algorithm = jwt.algorithms.ECAlgorithm(jwt.algorithms.ECAlgorithm.SHA256)
    signed = f"{encoded(header)}.{encoded(claims)}"
    token = f"{signed}.{encoded(algorithm.sign(signed.encode(), ANN.private))}"
    assert code_of(token) == "proof_malformed"


@given(st.integers(0, len(GOOD) - 1), st.characters(codec="ascii"))
def test_no_token_with_a_changed_character_is_believed(place: int, character: str) -> None:
    changed = GOOD[:place] + character + GOOD[place + 1 :]
    if changed != GOOD:
        with pytest.raises(BadProof):
            verifier().claims(changed, NOW)


@given(st.text(max_size=300))
def test_rubbish_is_refused_and_never_breaks_anything(text: str) -> None:
    with pytest.raises(BadProof):
        verifier().claims(text, NOW)


class Published:
    """Keys of a provider that rotates them, and counts how often it is asked."""

    def __init__(self, *signers: Signer) -> None:
        self.signers = list(signers)
        self.asked = 0
        self.down = False
        self.now = 0.0

    def read(self) -> Any:
        self.asked += 1
        if self.down:
            raise ProviderUnavailable("privy")
        return {"keys": [each.jwk for each in self.signers]}

    def verifier(self) -> Verifier:
        keys = PublishedKeys(self.read, clock=lambda: self.now)
        return Verifier(keys, issuer="privy.io", audience=APP)


def test_keys_are_read_once_an_hour() -> None:
    published = Published(ANN)
    known = published.verifier()
    for now in (0.0, 1.0, REREAD_SECONDS - 1):
        published.now = now
        known.claims(GOOD, NOW)
    assert published.asked == 1
    published.now = REREAD_SECONDS
    known.claims(GOOD, NOW)
    assert published.asked == 2


def test_a_new_key_is_found_at_once_and_invented_ones_ask_once_a_minute() -> None:
    new = Signer("key-2")
    published = Published(ANN)
    known = published.verifier()
    known.claims(GOOD, NOW)
    published.signers.append(new)
    known.claims(new.token(NOW), NOW)
    assert published.asked == 2
    for number in range(50):
        with pytest.raises(ProofKeyUnknown):
            known.claims(ANN.token(NOW, headers={"kid": f"invented-{number}"}), NOW)
    assert published.asked == 2
    published.now += REREAD_FOR_UNKNOWN_SECONDS
    with pytest.raises(ProofKeyUnknown):
        known.claims(ANN.token(NOW, headers={"kid": "invented"}), NOW)
    assert published.asked == 3


def test_a_key_that_was_withdrawn_is_believed_for_an_hour_at_most() -> None:
    published = Published(ANN)
    known = published.verifier()
    known.claims(GOOD, NOW)
    published.signers = [FOREIGN]
    published.now = REREAD_SECONDS
    with pytest.raises(BadProof):
        known.claims(GOOD, NOW)


def test_a_provider_that_is_down_is_no_refusal_and_its_keys_are_kept() -> None:
    published = Published(ANN)
    published.down = True
    with pytest.raises(ProviderUnavailable):
        published.verifier().claims(GOOD, NOW)
    published.down = False
    known = published.verifier()
    known.claims(GOOD, NOW)
    published.down, published.now = True, float(REREAD_SECONDS)
    known.claims(GOOD, NOW)


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"keys": None},
        {"keys": [None, 5, {}]},
        {"keys": [{"kid": "a", "kty": "RSA", "n": "AQAB", "e": "AQAB"}]},
        {"keys": [{"kid": "a", "kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"}]},
        {"keys": [{"kid": "a", "kty": "EC", "crv": "P-256", "x": "AQ", "y": "AQ"}]},
        {"keys": [{"kid": "a", "kty": "EC", "crv": "P-256", "x": "*", "y": None}]},
        {"keys": [ANN.jwk | {"use": "enc"}]},
        {"keys": [ANN.jwk | {"alg": "HS256"}]},
    ],
)
def test_keys_that_cannot_sign_with_es256_are_passed_over(document: Any) -> None:
    assert keys_in(document) == {}


def test_another_implementation_s_tokens_are_read() -> None:
    """PyJWT signs what is verified here, and the other way round it verifies the same."""
    public = ANN.private.public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    theirs = jwt.decode(
        GOOD,
        public,
        algorithms=["ES256"],
        audience=APP,
        options={"verify_exp": False, "verify_iat": False},
    )
    assert theirs == verifier().claims(GOOD, NOW)
