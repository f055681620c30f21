"""The capabilities. Each has a manifest, config/capabilities/<name>.py; config/manifests.py
loads them."""

from typing import Final

NAMES: Final = (
    "scores",
    "edge",
    "telemetry",
    "data",
    "creators",
    "secrets",
    "analytics",
    "erasure",
    "archive",
    "players",
    "insights",
    "runner",
    "tunnels",
)
"""Every capability, in the order in which pages and commands list them."""
