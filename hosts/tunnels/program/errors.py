"""Failures that a person can do something about. Each is one sentence."""

from __future__ import annotations


class TunnelError(Exception):
    """Something on this host does not fit. The message says what to do."""


class NotApplied(TunnelError):
    """A config was not applied. What ran before goes on."""
