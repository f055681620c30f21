"""An admin of the APIs of keys, whose key is in a file of the local system."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from config.capabilities import insights
from lambdas.shared.api_users.api_keys import new_key
from lambdas.shared.api_users.errors import UserExists
from lambdas.shared.api_users.key_table import KeyTable
from lambdas.shared.api_users.users import Key, User
from lambdas.shared.values.clock import iso
from local.access.running import DIRECTORY
from local.cloud import Cloud
from local.seeds import Hint

ADMIN: Final = "demo"
_NAME: Final = "api-key"


def seed(cloud: Cloud) -> None:
    """Leaves a user that exists as it is."""
    now_ms = time.time_ns() // 1_000_000
    ssm = cloud.client("ssm")
    name = ssm.get_parameter(Name=insights.KEYS.parameter)["Parameter"]["Value"]
    keys, key = KeyTable(cloud.client("dynamodb"), name), new_key()
    now = iso(now_ms)
    try:
        made = keys.create(User(id=ADMIN, role="admin", limit=1000, created_at=now, updated_at=now))
    except UserExists:
        return
    keys.add_key(made, Key(key.prefix, key.hash, now), now_ms)
    file = cloud.directory / _NAME
    file.touch(mode=0o600)
    file.write_text(key.text + "\n")


def hints(site: str) -> Iterator[Hint]:
    file: Path = DIRECTORY / _NAME
    if file.exists():
        yield "insights", f"{site}/insights.html   (API key: {file.read_text().strip()})"
