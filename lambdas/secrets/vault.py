"""Seals and opens secrets with KMS, each bound to its owner and name."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types_boto3_kms import KMSClient


@dataclass(frozen=True, slots=True)
class Sealed:
    """A value that only KMS can open."""

    blob: bytes = field(repr=False)
    kms_key: str
    """The KMS key that sealed it. New values may be sealed by another one."""


class Vault:
    def __init__(self, client: "KMSClient") -> None:
        self._client = client

    def seal(self, value: str, *, owner: str, key: str, kms_key: str) -> Sealed:
        answer = self._client.encrypt(
            KeyId=kms_key, Plaintext=value.encode(), EncryptionContext=_context(owner, key)
        )
        return Sealed(answer["CiphertextBlob"], answer["KeyId"])

    def open(self, sealed: Sealed, *, owner: str, key: str) -> str:
        answer = self._client.decrypt(
            KeyId=sealed.kms_key,
            CiphertextBlob=sealed.blob,
            EncryptionContext=_context(owner, key),
        )
        return bytes(answer["Plaintext"]).decode()


def _context(owner: str, key: str) -> dict[str, str]:
    """KMS refuses to open a value under another owner or name."""
    return {"owner": owner, "key": key}
