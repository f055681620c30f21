"""Writes wanted fields over an existing element and leaves every other field as it is."""

import copy
import xml.etree.ElementTree as ET
from collections.abc import Collection

from lambdas.edge.cloudfront_fields import REQUIRED
from lambdas.edge.patch_elements import TUNABLE, tag


def overlay(existing: ET.Element, wanted: ET.Element) -> bool:
    """Returns whether anything changed."""
    changed = False
    for child in wanted:
        changed = _write(existing, child) or changed
    return changed


def insert(parent: ET.Element, child: ET.Element) -> None:
    """Adds the child at its position in the API's model."""
    order = [field.name for field in REQUIRED.get(_local(parent), ())]
    name = _local(child)
    if name not in order:
        parent.append(child)
        return
    place = order.index(name)
    known = [(index, _local(each)) for index, each in enumerate(parent) if _local(each) in order]
    later = [index for index, each in known if order.index(each) > place]
    earlier = [index for index, each in known if order.index(each) < place]
    # Fields that this table does not know yet stay behind the ones they follow.
    parent.insert(later[0] if later else earlier[-1] + 1 if earlier else len(parent), child)


def remove(element: ET.Element, names: Collection[str]) -> bool:
    """Returns whether any of the children was there."""
    found = [child for child in element if _local(child) in names]
    for child in found:
        element.remove(child)
    return bool(found)


def _write(existing: ET.Element, child: ET.Element) -> bool:
    there = existing.find(child.tag)
    if there is None:
        insert(existing, copy.deepcopy(child))
        return True
    if _local(child) in TUNABLE:
        return False
    if child.find(tag("Quantity")) is not None:
        return _replace(existing, there, child)
    if len(child):
        return overlay(there, child)
    if (there.text or "") == (child.text or ""):
        return False
    there.text = child.text
    return True


def _replace(existing: ET.Element, there: ET.Element, child: ET.Element) -> bool:
    if _content(there) == _content(child):
        return False
    place = list(existing).index(there)
    existing.remove(there)
    existing.insert(place, copy.deepcopy(child))
    return True


_Content = tuple[str, str, tuple["_Content", ...]]


def _content(element: ET.Element) -> _Content:
    """An element's content in a fixed order: CloudFront returns lists in any order."""
    children = tuple(sorted(_content(child) for child in element))
    return (element.tag, (element.text or "").strip(), children)


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]
