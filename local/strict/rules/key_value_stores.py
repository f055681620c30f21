"""CloudFront's key-value stores."""

import re
from typing import Any, Final
from urllib.parse import unquote

from local.strict.distribution_config import GUIDE
from local.strict.registry import Call, Refusal, refuses

_KEYS_LIMITS: Final = f"{GUIDE}/cloudfront-limits.html#limits-keyvaluestores"
_MOST_KEY_BYTES: Final = 512
_MOST_VALUE_BYTES: Final = 1024
_MOST_CHANGES: Final = 50
_MOST_CHANGE_BYTES: Final = 3 * 1024 * 1024
_MOST_STORE_BYTES: Final = 5 * 1024 * 1024
_STORE_PATH: Final = re.compile(r"/key-value-stores/(?P<arn>arn:[^/]+/[\w-]+)/keys(/(?P<key>.+))?")


@refuses(
    "cloudfront-keyvaluestore:PutKey",
    "cloudfront-keyvaluestore:UpdateKeys",
    what="a key over 512 bytes, a value over 1 KB, over 50 keys or 3 MB in one update, or a store "
    "over 5 MB",
    source=_KEYS_LIMITS,
)
def key_value_store_limits(call: Call) -> Refusal | None:
    address = _STORE_PATH.fullmatch(unquote(call.path))
    if address is None:
        return None
    puts, deletes = _store_changes(call.json, address["key"])
    sizes = {key: len(key.encode()) + len(value.encode()) for key, value in puts.items()}
    for key, value in puts.items():
        if len(key.encode()) > _MOST_KEY_BYTES:
            return _invalid_key(f"Key {key[:40]}… is larger than {_MOST_KEY_BYTES} bytes.")
        if len(value.encode()) > _MOST_VALUE_BYTES:
            return _invalid_key(f"The value of key {key} is larger than {_MOST_VALUE_BYTES} bytes.")
    if len(puts) + len(deletes) > _MOST_CHANGES:
        return _invalid_key(f"An update can change at most {_MOST_CHANGES} keys.")
    if sum(sizes.values()) > _MOST_CHANGE_BYTES:
        return _invalid_key(f"An update can carry at most {_MOST_CHANGE_BYTES} bytes.")
    if _store_size_after(address["arn"], puts, deletes) > _MOST_STORE_BYTES:
        return Refusal(402, "ServiceQuotaExceededException", "Limit is exceeded.")
    return None


def _invalid_key(message: str) -> Refusal:
    return Refusal(400, "ValidationException", message)


def _store_changes(body: dict[str, Any], key: str | None) -> tuple[dict[str, str], set[str]]:
    if key is not None:
        return {key: str(body.get("Value", ""))}, set()
    puts = {str(each.get("Key")): str(each.get("Value")) for each in body.get("Puts") or ()}
    return puts, {str(each.get("Key")) for each in body.get("Deletes") or ()}


def _store_size_after(arn: str, puts: dict[str, str], deletes: set[str]) -> int:
    from ministack.services import cloudfront_keyvaluestore

    stored = cloudfront_keyvaluestore._stores.get(arn) or {"items": {}}
    kept = {key: value for key, value in stored["items"].items() if key not in deletes}
    return int(cloudfront_keyvaluestore._compute_size(kept | puts))
