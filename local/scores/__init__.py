"""Calls the HTTP API of scores as CloudFront does."""

from local.scores.origin import ScoreOrigin

__all__ = ["ScoreOrigin"]
