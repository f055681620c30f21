"""Sessions with the credentials and region that every AWS program of this shell uses."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from getpass import GetPassWarning, getpass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import botocore.session
from botocore.config import Config
from botocore.utils import JSONFileCache

if TYPE_CHECKING:
    import boto3

_QUICK: Final = Config(connect_timeout=3, read_timeout=3, retries={"total_max_attempts": 2})
_OF_THE_AWS_CLI: Final = Path("~/.aws/cli/cache").expanduser()

Core = Any
"""A session of botocore. Importing boto3 takes half as long again."""


def aws_core() -> Core:
    """A session in AWS_REGION, which the CDK reads and botocore by itself does not."""
    core = botocore.session.get_session()
    if region := os.environ.get("AWS_REGION"):
        core.set_config_variable("region", region)
    provider = core.get_component("credential_provider").get_provider("assume-role")
    # Cached, so that a role with MFA asks for a code once, not in every program.
    provider.cache = JSONFileCache(str(_OF_THE_AWS_CLI))
    provider._prompter = _ask
    return core


def aws_session() -> "boto3.Session":
    import boto3

    return boto3.Session(botocore_session=aws_core())


def core_of(session: "boto3.Session") -> Core:
    return session._session


@contextmanager
def in_a_hurry(core: Core) -> Iterator[None]:
    """Short timeouts, also for fetching credentials, which would try an SSO service for minutes."""
    core.set_default_client_config(_QUICK)
    try:
        yield
    finally:
        core.set_default_client_config(None)


def _ask(prompt: str) -> str:
    with warnings.catch_warnings():
        # Without a terminal getpass would warn on three lines, and then read nothing.
        warnings.simplefilter("error", GetPassWarning)
        try:
            return getpass(prompt)
        except GetPassWarning:
            raise EOFError from None
