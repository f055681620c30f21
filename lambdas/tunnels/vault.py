"""Keeps the private keys of certificates as SSM SecureStrings, which KMS seals and which are free.

Each certificate has a parameter of its own, so that a key never belongs to another certificate,
whatever write comes last. What no certificate needs any more is swept.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types_boto3_ssm import SSMClient

_AT_ONCE: Final = 10
"""GetParameters and DeleteParameters take no more names."""


@dataclass(frozen=True, slots=True)
class Place:
    """A certificate, by its owner, domain and serial number."""

    owner: str
    domain: str
    serial: str


class Vault:
    def __init__(self, client: "SSMClient", path: str) -> None:
        self._client = client
        self._path = path

    def put(self, place: Place, private_key: str) -> None:
        self._client.put_parameter(
            Name=self._name(place), Value=private_key, Type="SecureString", Overwrite=True
        )

    def read(self, places: Iterable[Place]) -> dict[Place, str]:
        """Those that are there."""
        named = {self._name(place): place for place in places}
        found = {}
        for names in _in_tens(list(named)):
            answer = self._client.get_parameters(Names=names, WithDecryption=True)
            for each in answer["Parameters"]:
                found[named[each["Name"]]] = each["Value"]
        return found

    def sweep(self, needed: Iterable[Place], older_than: datetime) -> int:
        """Deletes older keys that no certificate needs. Younger ones may belong to an order."""
        kept = {self._name(place) for place in needed}
        names = [name for name, written in self._all() if name not in kept and written < older_than]
        for some in _in_tens(names):
            self._client.delete_parameters(Names=some)
        return len(names)

    def _all(self) -> Iterator[tuple[str, datetime]]:
        pages = self._client.get_paginator("get_parameters_by_path").paginate(
            Path=self._path, Recursive=True, WithDecryption=False
        )
        for page in pages:
            for each in page["Parameters"]:
                yield each["Name"], each["LastModifiedDate"]

    def _name(self, place: Place) -> str:
        return f"{self._path}/{place.owner}/{place.domain}/{place.serial}"


def _in_tens(names: Sequence[str]) -> Iterator[list[str]]:
    return (list(names[start : start + _AT_ONCE]) for start in range(0, len(names), _AT_ONCE))
