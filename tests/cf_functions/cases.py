"""Reads cf_functions/*/cases/*.json: an event, what the store holds, a clock, and the answer.

A case says only what sets it apart from base.json beside it (as an RFC 7396 merge patch).
`{"mint": ...}` stands for a token or signature of the case's play, `{"ms": ...}` for a moment.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cf_functions.assemble import NAMES, ROOT
from cf_functions.harness import Call, Store
from tests.cf_functions import client

Json = dict[str, Any]


@dataclass(frozen=True)
class Case:
    name: str
    call: Call
    expected: Json

    def __str__(self) -> str:
        return self.name


def all_cases() -> Iterator[Case]:
    for function in NAMES:
        base = json.loads((ROOT / function / "cases" / "base.json").read_text())
        for path in sorted((ROOT / function / "cases").glob("*.json")):
            if path.name != "base.json":
                for case in json.loads(path.read_text()):
                    yield _case(function, f"{function}/{path.stem}: {case['name']}", base, case)


def base_case(function: str) -> Case:
    base = json.loads((ROOT / function / "cases" / "base.json").read_text())
    return _case(function, function, base, {"expect": {}})


def _case(function: str, name: str, base: Json, case: Json) -> Case:
    patched = merged(base, {key: case[key] for key in case if key not in ("name", "expect")})
    mint = Mint(patched)
    values = {
        key: value if isinstance(value, str) else json.dumps(mint.resolved(value))
        for key, value in patched["kvs"].items()
    }
    store = Store(values, tuple(patched.get("failing", ())))
    clock = client.milliseconds(patched["clock"])
    call = Call(function, mint.resolved(patched["event"]), store, clock)
    return Case(name, call, mint.resolved(case["expect"]))


def merged(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict) or "mint" in patch:
        return patch
    result = dict(target) if isinstance(target, dict) and "mint" not in target else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


class Mint:
    """Makes the tokens and signatures that a case names."""

    def __init__(self, case: Json) -> None:
        self._keys = {kid: client.Key(kid, secret) for kid, secret in case["keys"].items()}
        self._play = case["play"]
        self._headers = case["event"]["request"]["headers"]
        self._clock = case["clock"]

    def resolved(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.resolved(item) for item in value]
        if not isinstance(value, dict):
            return value
        if "ms" in value:
            return client.milliseconds(value["ms"])
        if "mint" in value:
            text = self._minted(value["mint"], self._play | value)
            return text[: len(text) - value.get("cut", 0)] + value.get("append", "")
        return {key: self.resolved(item) for key, item in value.items()}

    def _minted(self, kind: str, play: Json) -> str:
        if kind == "signature":
            return self._signature(play)
        key = self._keys[play["kid"]]
        if kind == "payload":
            return key.sign(play["payload"])
        start = client.milliseconds(play["start"])
        subject = client.Play(play["game"], play["user"], play["sid"], start)
        if kind == "token_start":
            return subject.token_start(self._keys[play.get("startKid", play["kid"])])
        end = client.milliseconds(play["end"])
        start_key = self._keys[play.get("startKid", play["kid"])]
        return subject.token_end(key, end, play["playMs"], start_key)

    def _signature(self, play: Json) -> str:
        token_end, player, score = (
            self.resolved(self._headers.get(name, {}).get("value", ""))
            for name in ("x-token-end", "x-player", "x-score")
        )
        return client.signature(
            play.get("tokenEnd", token_end),
            play.get("player", player),
            play.get("score", score),
            play.get("day", self._clock[:10]),
            play["sid"],
        )
