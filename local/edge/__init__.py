"""A small stand-in for CloudFront's data plane: docs/explanation/local-edge.md."""

from local.edge.server import LocalEdge

__all__ = ["LocalEdge"]
