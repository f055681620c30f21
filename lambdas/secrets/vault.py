"""Where secrets are sealed and opened: KMS, bound to whose they are and what they are called."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types_boto3_kms import KMSClient


@dataclass(frozen=True, slots=True)
class Sealed:
    blob: bytes = field(repr=False)
    kms_key: str
    """The key that sealed it: another may be in use by the time it is opened."""


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
    """A sealed value that is moved to another owner or key does not open there."""
    return {"owner": owner, "key": key}
