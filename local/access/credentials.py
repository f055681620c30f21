"""Credentials of the local cloud: random at each start, in files that only their owner can read."""

import os
import secrets
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

AWS_FILE: Final = "aws.env"
_DOOR_FILE: Final = "door.key"
_OWNER_ONLY: Final = 0o600


class NoCredentialsError(Exception):
    """Raised if the local cloud of this folder has never been started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    key_id: str
    secret: str = field(repr=False)
    door: str = field(repr=False)
    """The key for requests of the site and for test controls, which use no AWS credentials."""

    @classmethod
    def fresh(cls) -> Self:
        return cls(
            key_id=f"LOCAL{secrets.token_hex(8).upper()}",
            secret=secrets.token_urlsafe(30),
            door=secrets.token_urlsafe(30),
        )

    @classmethod
    def read(cls, directory: Path) -> Self:
        try:
            exported = _exports((directory / AWS_FILE).read_text())
            door = (directory / _DOOR_FILE).read_text()
        except FileNotFoundError:
            raise NoCredentialsError(f"no local cloud was started in {directory}") from None
        return cls(
            key_id=exported["AWS_ACCESS_KEY_ID"],
            secret=exported["AWS_SECRET_ACCESS_KEY"],
            door=door,
        )

    def environment(self, url: str, region: str) -> dict[str, str]:
        """Environment variables with which AWS programs use the cloud at this URL."""
        return {
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": self.key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
        }

    def write(self, directory: Path, url: str, region: str) -> None:
        exports = self.environment(url, region)
        lines = [f"export {name}={shlex.quote(value)}" for name, value in exports.items()]
        # A profile or a session token would take precedence.
        lines.append("unset AWS_PROFILE AWS_SESSION_TOKEN")
        _write(directory / AWS_FILE, "\n".join(lines) + "\n")
        _write(directory / _DOOR_FILE, self.door)


def _write(path: Path, text: str) -> None:
    """Replaces the file at once, and never with permissions for others."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    fresh.replace(path)


def _exports(text: str) -> dict[str, str]:
    words = (shlex.split(line) for line in text.splitlines())
    assignments = (each[1].partition("=") for each in words if each[:1] == ["export"])
    return {name: value for name, _, value in assignments}
