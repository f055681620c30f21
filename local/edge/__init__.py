"""Stands in for CloudFront's data plane on this machine."""

from local.edge.server import LocalEdge

__all__ = ["LocalEdge"]
