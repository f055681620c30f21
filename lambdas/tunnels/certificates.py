"""Orders, renews and watches the certificates of all tunnels. An hourly rule invokes it."""

from typing import Any


def handler(event: dict[str, Any], _context: Any) -> None:
    """Nothing yet."""
