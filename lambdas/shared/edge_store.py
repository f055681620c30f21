"""The edge's key-value store. One ETag covers the whole store, so writers take turns."""

import json
import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from types_boto3_cloudfront_keyvaluestore import CloudFrontKeyValueStoreClient

_CONFLICTS: Final = {"ConflictException", "ValidationException"}
"""AWS does not document which of them a stale ETag gives. A lasting fault outlasts the retries."""
_TRIES: Final = 8
_KEYS_A_CALL: Final = 50

CURRENT_KEY: Final = "k_current"
PREVIOUS_KEY: Final = "k_prev"


GAMES: Final = "cfgthr#g:"


def game_key(game_id: str) -> str:
    return f"{GAMES}{game_id}"


def period_key(game_id: str, kind: str) -> str:
    return f"{game_key(game_id)}#p:{kind}"


def game_in(key: str) -> str:
    """Whose entry it is."""
    return key.removeprefix(GAMES).partition("#")[0]


def entry_in(text: str | None) -> dict[str, Any] | None:
    """A game's entry; None where there is none, or it cannot be read."""
    try:
        entry = json.loads(text or "")
    except ValueError:
        return None
    return entry if isinstance(entry, dict) and {"order", "topN"} <= entry.keys() else None


@dataclass(slots=True)
class Changes:
    """Keys to write and to delete."""

    puts: dict[str, str] = field(default_factory=dict)
    deletes: set[str] = field(default_factory=set)

    def batches(self) -> Iterator[dict[str, Any]]:
        operations = [("Puts", {"Key": key, "Value": value}) for key, value in self.puts.items()]
        operations += [("Deletes", {"Key": key}) for key in sorted(self.deletes)]
        for start in range(0, len(operations), _KEYS_A_CALL):
            batch: dict[str, Any] = {}
            for kind, operation in operations[start : start + _KEYS_A_CALL]:
                batch.setdefault(kind, []).append(operation)
            yield batch


class EdgeStore:
    def __init__(
        self,
        client: "CloudFrontKeyValueStoreClient",
        arn: str,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._arn = arn
        self._wait = wait

    def values(self) -> dict[str, str]:
        # Calls are billed, and a page holds ten keys by default.
        pages = self._client.get_paginator("list_keys").paginate(
            KvsARN=self._arn, PaginationConfig={"PageSize": _KEYS_A_CALL}
        )
        return {item["Key"]: item["Value"] for page in pages for item in page["Items"]}

    def get(self, key: str) -> str | None:
        try:
            return str(self._client.get_key(KvsARN=self._arn, Key=key)["Value"])
        except self._client.exceptions.ResourceNotFoundException:
            # A missing store raises the same error, but this call fails only for it.
            self._client.describe_key_value_store(KvsARN=self._arn)
            return None

    def write(self, changes: Changes) -> Changes:
        """Writes without reading the store's other keys."""
        return self._in_turn(lambda: changes)

    def change(self, decide: Callable[[Mapping[str, str]], Changes]) -> Changes:
        """Reads, decides and writes. Starts again where the store has changed meanwhile."""
        return self._in_turn(lambda: decide(self.values()))

    def _in_turn(self, decide: Callable[[], Changes]) -> Changes:
        for attempt in range(1, _TRIES + 1):
            # The ETag comes first: what is read after it is at least as new.
            etag = self._client.describe_key_value_store(KvsARN=self._arn)["ETag"]
            changes = decide()
            try:
                for batch in changes.batches():
                    etag = self._client.update_keys(KvsARN=self._arn, IfMatch=etag, **batch)["ETag"]
            except ClientError as error:
                if error.response["Error"]["Code"] not in _CONFLICTS or attempt == _TRIES:
                    raise
                self._wait(random.uniform(0.1, 0.5) * attempt)
            else:
                return changes
        raise AssertionError("the last try either returns or raises")
