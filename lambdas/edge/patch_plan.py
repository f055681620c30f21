"""Plans changes to the config of a distribution that someone else owns, on its raw XML.

An SDK drops the fields it does not know, and an update replaces everything, so a config that
went through one comes back poorer. Here it is only edited where our own elements stand.
"""

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lambdas.edge.cloudfront_fields import NAMESPACE, STANDARD_ONLY, is_multi_tenant
from lambdas.edge.overlay import insert, overlay, remove
from lambdas.edge.patch_elements import (
    LOCK_HEADER,
    Behaviour,
    Origin,
    behaviour_element,
    origin_element,
    tag,
)
from lambdas.edge.patterns import covers, normal, overlap
from lambdas.shared.errors import ExplainedError

_OURS: Final = "htmlgame-"
_LEGACY_CACHING: Final = ("ForwardedValues", "MinTTL", "DefaultTTL", "MaxTTL")
MOST_BEHAVIOURS: Final = 75

__all__ = [
    "MOST_BEHAVIOURS",
    "Behaviour",
    "Desired",
    "Origin",
    "PatchRefusedError",
    "Plan",
    "masked",
    "plan_patch",
    "plan_removal",
]

ET.register_namespace("", NAMESPACE)


class PatchRefusedError(ExplainedError):
    """The reason why the distribution stays unchanged, and what its owner can do."""

    code = "patch_refused"


@dataclass(frozen=True, slots=True)
class Desired:
    origins: Sequence[Origin]
    behaviours: Sequence[Behaviour]
    most_behaviours: int = MOST_BEHAVIOURS
    retired: Sequence[str] = ()
    """Our origins to remove, with the behaviours that go to them."""

    @property
    def patterns(self) -> set[str]:
        return {normal(behaviour.pattern) for behaviour in self.behaviours}


@dataclass(frozen=True, slots=True)
class Plan:
    xml: bytes
    changes: tuple[str, ...]
    """One line for each change; empty if there is nothing to do."""


def plan_patch(xml: bytes, desired: Desired) -> Plan:
    config = ET.fromstring(xml)
    changes: list[str] = []
    origins = _List(config, "Origins")
    behaviours = _List(config, "CacheBehaviors")
    _refuse_what_is_not_ours(behaviours.items, desired)
    changes += _remove_strays(behaviours, desired)
    changes += _remove_origins(config, origins, behaviours, desired.retired.__contains__)
    for origin in desired.origins:
        changes += _upsert(origins, "Id", origin_element(origin), f"origin {origin.id}")
    unsupported = STANDARD_ONLY if is_multi_tenant(config) else ()
    for behaviour in desired.behaviours:
        wanted = behaviour_element(behaviour)
        remove(wanted, unsupported)
        changes += _upsert(behaviours, "PathPattern", wanted, f"behaviour {behaviour.pattern}")
    changes += _place(behaviours, desired)
    _refuse_too_many(behaviours.items, desired)
    return _plan(xml, config, (origins, behaviours), changes)


def plan_removal(xml: bytes, desired: Desired) -> Plan:
    """Removes what plan_patch adds, and nothing else."""
    config = ET.fromstring(xml)
    origins = _List(config, "Origins")
    behaviours = _List(config, "CacheBehaviors")
    changes: list[str] = []
    for item in [item for item in behaviours.items if _is_ours(item, desired)]:
        behaviours.items.remove(item)
        changes.append(f"remove behaviour {_text(item, 'PathPattern')}")
    changes += _remove_origins(config, origins, behaviours, _is_our_origin)
    return _plan(xml, config, (origins, behaviours), changes)


def masked(xml: bytes) -> bytes:
    """The config without the values of its origins' custom headers, for backups and output."""
    config = ET.fromstring(xml)
    for header in config.iter(tag("OriginCustomHeader")):
        is_lock = _text(header, "HeaderName").lower() == LOCK_HEADER.lower()
        for value in header.iterfind(tag("HeaderValue")):
            value.text = "(the origin lock)" if is_lock else "(hidden)"
    return _written(config)


class _List:
    """CloudFront's lists: a Quantity, and Items that are absent where there are none."""

    def __init__(self, parent: ET.Element, name: str) -> None:
        self._parent = parent
        self._name = name
        self.items: list[ET.Element] = list(parent.iterfind(f"{tag(name)}/{tag('Items')}/*"))

    def write(self) -> None:
        element = self._child(self._parent, self._name)
        self._child(element, "Quantity").text = str(len(self.items))
        if self.items:
            self._child(element, "Items")[:] = self.items
        else:
            remove(element, ("Items",))

    @staticmethod
    def _child(parent: ET.Element, name: str) -> ET.Element:
        child = parent.find(tag(name))
        if child is None:
            child = ET.Element(tag(name))
            insert(parent, child)
        return child


def _plan(xml: bytes, config: ET.Element, lists: Iterable[_List], changes: Sequence[str]) -> Plan:
    if not changes:
        return Plan(xml, ())
    for each in lists:
        each.write()
    return Plan(_written(config), tuple(changes))


def _written(config: ET.Element) -> bytes:
    text: bytes = ET.tostring(config, encoding="UTF-8", xml_declaration=True)
    # Written as it is, the next reader would take it for an end of line.
    return text.replace(b"\r", b"&#13;")


def _text(element: ET.Element, name: str) -> str:
    return element.findtext(tag(name)) or ""


def _is_our_origin(name: str) -> bool:
    return name.startswith(_OURS)


def _pattern(item: ET.Element) -> str:
    return normal(_text(item, "PathPattern"))


def _goes_to_us(item: ET.Element) -> bool:
    return _is_our_origin(_text(item, "TargetOriginId"))


def _is_ours(item: ET.Element, desired: Desired) -> bool:
    return _goes_to_us(item) and _pattern(item) in desired.patterns


def _refuse_what_is_not_ours(items: Sequence[ET.Element], desired: Desired) -> None:
    functions = {behaviour.function for behaviour in desired.behaviours}
    for item in items:
        pattern = _pattern(item)
        if pattern not in desired.patterns:
            continue
        for arn in item.iter(tag("LambdaFunctionARN")):
            raise PatchRefusedError(
                f"behaviour {pattern} runs Lambda@Edge {arn.text}, which cannot stand beside a "
                "CloudFront function: move it to another path, then deploy again"
            )
        for arn in item.iter(tag("FunctionARN")):
            if arn.text not in functions and f":function/{_OURS}" not in (arn.text or ""):
                raise PatchRefusedError(
                    f"behaviour {pattern} runs the function {arn.text}, which htmlgame did not "
                    "put there: take it off this behaviour, then deploy again"
                )
        if not _goes_to_us(item):
            raise PatchRefusedError(
                f"behaviour {pattern} exists and goes to origin {_text(item, 'TargetOriginId')}: "
                "remove it, or give htmlgame another API_BASE_PATH in config/paths.json"
            )


def _refuse_too_many(items: Sequence[ET.Element], desired: Desired) -> None:
    if len(items) > desired.most_behaviours:
        raise PatchRefusedError(
            f"the distribution would have {len(items)} behaviours and may have "
            f"{desired.most_behaviours}: remove some, or have the quota raised"
        )


def _refuse_to_orphan(
    config: ET.Element, items: Iterable[ET.Element], goes: Callable[[str], bool]
) -> None:
    default = config.find(tag("DefaultCacheBehavior"))
    for item in [*items, *([default] if default is not None else [])]:
        if goes(_text(item, "TargetOriginId")):
            name = _text(item, "PathPattern") or "the default behaviour"
            raise PatchRefusedError(
                f"{name} goes to origin {_text(item, 'TargetOriginId')}, which is about to go: "
                "give it another origin first"
            )


def _remove_strays(behaviours: _List, desired: Desired) -> Iterator[str]:
    """Removes behaviours of an older version, on paths that are no longer ours."""
    known = {*desired.retired, *(origin.id for origin in desired.origins)}
    for item in [item for item in behaviours.items if _goes_to_us(item)]:
        if _text(item, "TargetOriginId") in known and _pattern(item) not in desired.patterns:
            behaviours.items.remove(item)
            yield f"remove behaviour {_text(item, 'PathPattern')}"


def _remove_origins(
    config: ET.Element, origins: _List, behaviours: _List, goes: Callable[[str], bool]
) -> Iterator[str]:
    _refuse_to_orphan(config, behaviours.items, goes)
    for item in [item for item in origins.items if goes(_text(item, "Id"))]:
        origins.items.remove(item)
        yield f"remove origin {_text(item, 'Id')}"


def _upsert(target: _List, key: str, wanted: ET.Element, name: str) -> Iterator[str]:
    identity = normal(_text(wanted, key))
    existing = [item for item in target.items if normal(_text(item, key)) == identity]
    if not existing:
        target.items.append(wanted)
        yield f"add {name}"
    elif _drop_legacy_caching(existing[0], wanted) | overlay(existing[0], wanted):
        yield f"change {name}"


def _drop_legacy_caching(existing: ET.Element, wanted: ET.Element) -> bool:
    """CloudFront accepts a cache policy or these fields, not both."""
    has_policy = wanted.find(tag("CachePolicyId")) is not None
    is_legacy = existing.find(tag("ForwardedValues")) is not None
    return has_policy and is_legacy and remove(existing, _LEGACY_CACHING)


def _place(behaviours: _List, desired: Desired) -> Iterator[str]:
    """Puts ours before every broader pattern, and behind every narrower one."""
    ours = [item for item in behaviours.items if _is_ours(item, desired)]
    if not any(_shadowed(behaviours.items, item) for item in ours):
        return
    foreign = [item for item in behaviours.items if not _is_ours(item, desired)]
    placed = list(foreign)
    for item in ours:
        placed.insert(_place_of(item, placed), item)
    for item in ours:
        _refuse_to_shadow(placed, foreign, item)
    behaviours.items[:] = placed
    yield f"order behaviours: {', '.join(_text(item, 'PathPattern') for item in placed)}"


def _shadowed(items: Sequence[ET.Element], item: ET.Element) -> bool:
    pattern = _pattern(item)
    before = items[: items.index(item)]
    return any(_takes_from(_pattern(other), pattern) for other in before)


def _takes_from(other: str, ours: str) -> bool:
    return other != ours and overlap(other, ours) and not covers(ours, other)


def _place_of(item: ET.Element, placed: Sequence[ET.Element]) -> int:
    takers = (i for i, other in enumerate(placed) if _takes_from(_pattern(other), _pattern(item)))
    return next(takers, len(placed))


def _refuse_to_shadow(
    placed: Sequence[ET.Element], foreign: Sequence[ET.Element], item: ET.Element
) -> None:
    for other in placed[placed.index(item) + 1 :]:
        narrower = covers(_pattern(item), _pattern(other)) and other in foreign
        if narrower and not _shadowed(foreign, other):
            raise PatchRefusedError(
                f"behaviour {_pattern(other)} would no longer be reached behind {_pattern(item)}: "
                "move it to the front of the distribution's behaviours, then deploy again"
            )
