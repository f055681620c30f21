"""Items as Python values, and as DynamoDB's API spells them."""

from collections.abc import Mapping
from typing import Any, Final

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

Item = dict[str, Any]
"""Attributes by name: text, whole numbers, bytes, booleans, None, lists, maps and sets."""
Spelled = dict[str, Any]
"""The same attributes, each with its type in front: {"at": {"N": "1"}}."""

_HOLD_ATTRIBUTES: Final = ("Item", "Key", "ExpressionAttributeValues", "ExclusiveStartKey")


class _Deserializer(TypeDeserializer):  # type: ignore[misc]  # boto3 has no types
    """Reads whole numbers as int and binaries as bytes. boto3 makes Decimal and Binary of them."""

    def _deserialize_n(self, value: str) -> Any:
        try:
            return int(value)
        except ValueError:
            return super()._deserialize_n(value)

    def _deserialize_b(self, value: bytes) -> bytes:
        return bytes(value)


_spell: Final = TypeSerializer().serialize
_read: Final = _Deserializer().deserialize


def packed(item: Mapping[str, Any]) -> Spelled:
    return {name: _spell(value) for name, value in item.items()}


def unpacked(spelled: Mapping[str, Any]) -> Item:
    return {name: _read(value) for name, value in spelled.items()}


def request_of(call: Mapping[str, Any]) -> dict[str, Any]:
    """The call's parameters, with each of those that hold attributes packed."""
    return {
        name: packed(value) if name in _HOLD_ATTRIBUTES else value for name, value in call.items()
    }
