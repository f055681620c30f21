"""Stands in for Privy, X and the model behind the characters."""

from pathlib import Path

from local.twins.players.server import Twins


def twin(directory: Path) -> Twins:
    return Twins(directory / "privy.pem")


__all__ = ["Twins", "twin"]
