"""Stands in for Privy, X and the model that speaks for the characters."""

from pathlib import Path

from local.twins.players.server import Twins


def twin(directory: Path) -> Twins:
    return Twins(directory / "privy.pem")


__all__ = ["Twins", "twin"]
