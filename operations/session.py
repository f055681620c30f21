"""The account and region that every AWS program of this shell would go to."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from getpass import GetPassWarning, getpass
from pathlib import Path
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.utils import JSONFileCache

_QUICK: Final = Config(connect_timeout=3, read_timeout=3, retries={"total_max_attempts": 2})
_OF_THE_AWS_CLI: Final = Path("~/.aws/cli/cache").expanduser()


def aws_session() -> boto3.Session:
    """In AWS_REGION, which the CDK reads first and boto3 alone does not read."""
    session = boto3.Session(region_name=os.environ.get("AWS_REGION") or None)
    provider = _core(session).get_component("credential_provider").get_provider("assume-role")
    # A role that asks for an MFA code asks once, and not once in every program.
    provider.cache = JSONFileCache(str(_OF_THE_AWS_CLI))
    provider._prompter = _ask
    return session


def _ask(prompt: str) -> str:
    with warnings.catch_warnings():
        # Without a terminal getpass would warn on three lines, and then read nothing.
        warnings.simplefilter("error", GetPassWarning)
        try:
            return getpass(prompt)
        except GetPassWarning:
            raise EOFError from None


@contextmanager
def in_a_hurry(session: boto3.Session) -> Iterator[None]:
    """Bounds what fetches the credentials, too: boto3 would try an SSO service for minutes."""
    core = _core(session)
    core.set_default_client_config(_QUICK)
    try:
        yield
    finally:
        core.set_default_client_config(None)


def _core(session: boto3.Session) -> Any:
    return session._session
