"""Seals and opens the private keys of certificates, each for its owner and domain."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types_boto3_kms import KMSClient


class Vault:
    def __init__(self, client: "KMSClient") -> None:
        self._client = client

    def seal(self, private_key: str, *, owner: str, domain: str, kms_key: str) -> bytes:
        answer = self._client.encrypt(
            KeyId=kms_key,
            Plaintext=private_key.encode(),
            EncryptionContext=_context(owner, domain),
        )
        return answer["CiphertextBlob"]

    def open(self, sealed: bytes, *, owner: str, domain: str) -> str:
        answer = self._client.decrypt(
            CiphertextBlob=sealed, EncryptionContext=_context(owner, domain)
        )
        return bytes(answer["Plaintext"]).decode()


def _context(owner: str, domain: str) -> dict[str, str]:
    """KMS refuses to open a key for another owner or domain."""
    return {"owner": owner, "domain": domain}
