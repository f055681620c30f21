"""Game configs go into the store at a deploy; live thresholds that are there stay."""

import json
from collections.abc import Mapping
from typing import Any, Final

from lambdas.shared.edge_store import Changes

_PREFIX: Final = "cfgthr#"
_LIVE: Final = ("from", "until", "thr", "updatedAt")


def synchronised(values: Mapping[str, str], wanted: Mapping[str, dict[str, Any]]) -> Changes:
    changes = Changes()
    for key, entry in wanted.items():
        text = json.dumps(entry | _live_part(values.get(key), entry), separators=(",", ":"))
        if values.get(key) != text:
            changes.puts[key] = text
    changes.deletes = {key for key in values if key.startswith(_PREFIX) and key not in wanted}
    return changes


def _live_part(text: str | None, entry: dict[str, Any]) -> dict[str, Any]:
    """A threshold is in the terms of its order and its top N; under others it means nothing."""
    if text is None:
        return {}
    present = json.loads(text)
    if (present["order"], present["topN"]) != (entry["order"], entry["topN"]):
        return {}
    return {name: present[name] for name in _LIVE if name in present}
