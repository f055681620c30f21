"""Keys, requests and certificates, compared with a cryptographic library."""

import datetime as dt

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from lambdas.tunnels import der
from lambdas.tunnels.p256 import N, PrivateKey
from lambdas.tunnels.x509 import leaf_of, private_key_pem, request

BEGINS = dt.datetime(2026, 11, 27, 12, 0, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize("secret", [1, 2, 3, N - 1, N - 2, 2**255 + 12345, 0xDEADBEEF])
def test_a_public_key_is_that_of_the_library(secret: int) -> None:
    numbers = ec.derive_private_key(secret, ec.SECP256R1()).public_key().public_numbers()
    assert PrivateKey(secret).public == (numbers.x, numbers.y)


@given(st.binary(max_size=300))
def test_the_library_accepts_every_signature(message: bytes) -> None:
    key = PrivateKey.new()
    signature = key.sign(message)
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key.point)
    public.verify(signature.der, message, ec.ECDSA(hashes.SHA256()))
    assert signature.der == encode_dss_signature(signature.r, signature.s)
    assert len(signature.raw) == 64


def test_two_signatures_of_a_message_differ() -> None:
    key = PrivateKey.new()
    assert key.sign(b"once").r != key.sign(b"once").r


@pytest.mark.parametrize("secret", [0, -1, N])
def test_a_secret_outside_the_curve_is_refused(secret: int) -> None:
    with pytest.raises(ValueError, match="not the secret"):
        PrivateKey(secret)


def test_the_library_reads_the_request_and_the_private_key() -> None:
    key = PrivateKey.new()
    read = x509.load_der_x509_csr(request("app.example.com", key))
    assert read.is_signature_valid
    names = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["app.example.com"]
    private = serialization.load_pem_private_key(private_key_pem(key).encode(), None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    assert private.private_numbers().private_value == key.secret


def certificate(serial: int, days: int) -> tuple[str, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(x509.Name([]))
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(BEGINS)
        .not_valid_after(BEGINS + dt.timedelta(days=days))
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM).decode()
    assert identifier.key_identifier is not None
    return pem, identifier.key_identifier


@pytest.mark.parametrize(("serial", "days"), [(1, 90), (2**159 - 1, 6), (2**127, 10_000)])
def test_a_certificate_says_when_it_expires_and_how_it_is_named(serial: int, days: int) -> None:
    pem, identifier = certificate(serial, days)
    leaf = leaf_of(pem + certificate(7, 1)[0])
    assert (leaf.serial, leaf.authority_key) == (serial, identifier)
    assert leaf.begins_s == int(BEGINS.timestamp())
    assert leaf.expires_s - leaf.begins_s == days * 86_400
    assert leaf.renewal_id.count(".") == 1


def test_a_text_without_a_certificate_is_refused() -> None:
    for rubbish in ("", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----", "x" * 999):
        with pytest.raises((ValueError, IndexError)):
            leaf_of(rubbish)


@given(st.binary(max_size=200))
def test_cut_der_is_an_error_and_never_a_loop(data: bytes) -> None:
    try:
        assert sum(2 + len(each.content) for each in der.elements(data)) <= len(data)
    except ValueError:
        return


@given(st.integers(min_value=0, max_value=2**300))
def test_integers_keep_their_value(value: int) -> None:
    [element] = der.elements(der.integer(value))
    assert int.from_bytes(element.content, "big", signed=True) == value
