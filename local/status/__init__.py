"""The page that shows what the local system does with each request."""

from local.status.server import StatusPage, status_url

__all__ = ["StatusPage", "status_url"]
