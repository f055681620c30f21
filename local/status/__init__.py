"""A page on which a developer sees the system think: docs/local-edge.md."""

from local.edge.status.page import PAGE, StatusPage

__all__ = ["PAGE", "StatusPage"]
