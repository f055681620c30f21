"""Keys and ECDSA signatures on the curve P-256, as ACME accounts and certificates use them.

Plain Python: the layer with a cryptographic library would have 22 MB for three signatures an
order. It does not run in constant time, so use it only where nobody can time many signatures.
"""

import hashlib
import secrets
from typing import Final, NamedTuple

from lambdas.tunnels import der

P: Final = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
N: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_G: Final = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
_BYTES: Final = 32
_CURVE: Final = "1.2.840.10045.3.1.7"
_PUBLIC_KEY: Final = "1.2.840.10045.2.1"

Point = tuple[int, int]
_Jacobian = tuple[int, int, int]


class Signature(NamedTuple):
    r: int
    s: int

    @property
    def raw(self) -> bytes:
        """As JSON Web Signatures have it."""
        return self.r.to_bytes(_BYTES, "big") + self.s.to_bytes(_BYTES, "big")

    @property
    def der(self) -> bytes:
        """As certificates have it."""
        return der.encoded(der.SEQUENCE, der.integer(self.r), der.integer(self.s))


class PrivateKey:
    def __init__(self, secret: int) -> None:
        if not 0 < secret < N:
            raise ValueError("not the secret of a P-256 key")
        self.secret = secret
        self.public = _multiplied(secret, _G)

    @classmethod
    def new(cls) -> "PrivateKey":
        return cls(secrets.randbelow(N - 1) + 1)

    def sign(self, message: bytes) -> Signature:
        digest = int.from_bytes(hashlib.sha256(message).digest(), "big")
        while True:
            k = secrets.randbelow(N - 1) + 1
            r = _multiplied(k, _G)[0] % N
            s = pow(k, -1, N) * (digest + r * self.secret) % N
            if r and s:
                return Signature(r, s)

    @property
    def point(self) -> bytes:
        """The public point, uncompressed."""
        x, y = self.public
        return b"\x04" + x.to_bytes(_BYTES, "big") + y.to_bytes(_BYTES, "big")

    @property
    def public_info(self) -> bytes:
        """A SubjectPublicKeyInfo."""
        algorithm = der.encoded(der.SEQUENCE, der.object_id(_PUBLIC_KEY), der.object_id(_CURVE))
        return der.encoded(der.SEQUENCE, algorithm, der.bit_string(self.point))

    @property
    def der(self) -> bytes:
        """An ECPrivateKey (RFC 5915)."""
        return der.encoded(
            der.SEQUENCE,
            der.integer(1),
            der.encoded(der.OCTET_STRING, self.secret.to_bytes(_BYTES, "big")),
            der.encoded(0xA0, der.object_id(_CURVE)),
            der.encoded(0xA1, der.bit_string(self.point)),
        )


def _multiplied(factor: int, point: Point) -> Point:
    total: _Jacobian = (0, 1, 0)
    addend: _Jacobian = (*point, 1)
    while factor:
        if factor & 1:
            total = _added(total, addend)
        addend = _doubled(addend)
        factor >>= 1
    x, y, z = total
    inverse = pow(z, -1, P)
    return x * inverse**2 % P, y * inverse**3 % P


def _doubled(point: _Jacobian) -> _Jacobian:
    x, y, z = point
    if not y or not z:
        return 0, 1, 0
    z2 = z * z % P
    slope = 3 * (x - z2) * (x + z2) % P  # a is -3 on this curve
    y2 = y * y % P
    between = 4 * x * y2 % P
    new_x = (slope * slope - 2 * between) % P
    new_y = (slope * (between - new_x) - 8 * y2 * y2) % P
    return new_x, new_y, 2 * y * z % P


def _added(one: _Jacobian, other: _Jacobian) -> _Jacobian:
    if not one[2]:
        return other
    if not other[2]:
        return one
    (x1, y1, z1), (x2, y2, z2) = one, other
    z1z1, z2z2 = z1 * z1 % P, z2 * z2 % P
    u1, u2 = x1 * z2z2 % P, x2 * z1z1 % P
    s1, s2 = y1 * z2 * z2z2 % P, y2 * z1 * z1z1 % P
    if u1 == u2:
        return _doubled(one) if s1 == s2 else (0, 1, 0)
    h, r = (u2 - u1) % P, (s2 - s1) % P
    h2 = h * h % P
    h3 = h2 * h % P
    v = u1 * h2 % P
    x3 = (r * r - h3 - 2 * v) % P
    y3 = (r * (v - x3) - s1 * h3) % P
    return x3, y3, h * z1 * z2 % P
