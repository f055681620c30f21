"""The AWS account behind the credentials, as AWS itself names it."""

import queue
import socket
import threading
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
from botocore.utils import get_environ_proxies

from config.pins import Pinned
from local.access.loopback import is_loopback
from operations.account.aws_session import Core, in_a_hurry
from operations.account.errors import account_problem, explained, is_unknown_key, unforeseen
from operations.account.network_errors import host_not_found
from operations.account.settings import aws_settings, check_settings
from operations.errors import AccountError

BOOTSTRAP_NEEDED: Final = 6
"""What the CDK requires for this app; a test compares the two."""
_BOOTSTRAP: Final = "/cdk-bootstrap/hnb659fds/version"
_NAME_SECONDS: Final = 4
_HOME_REGION: Final = "us-east-1"
_FAILURES: Final = (BotoCoreError, ClientError, OSError, ValueError, RuntimeError, EOFError)
"""A credential_process that is missing or prints no JSON raises errors of Python."""


@dataclass(frozen=True, slots=True)
class Account:
    id: str
    region: str
    arn: str

    def __str__(self) -> str:
        return f"account {self.id}, {self.region}"


def verify(environment: Pinned, core: Core) -> Account:
    """Identifies the account, and refuses it if config/environments.py names another."""
    check_settings(environment)
    account = identify(core)
    refuse_another(account, environment)
    return account


def identify(core: Core) -> Account:
    """Identifies the account, whatever config/environments.py says."""
    settings = aws_settings()
    with in_a_hurry(core):
        try:
            identity = _caller(core, _region(core))
        except _FAILURES as error:
            if is_unknown_key(error):
                _refuse_closed_region(core)
            source = _source(core) if isinstance(error, ClientError) else None
            known = explained(error, settings, source=source)
            raise known or unforeseen(error, settings) from None
    return Account(str(identity["Account"]), str(_region(core)), str(identity["Arn"]))


def _caller(core: Core, region: str) -> dict[str, Any]:
    if core.get_credentials() is None:
        raise NoCredentialsError
    client = core.create_client("sts", region_name=region)
    _refuse_unknown_host(client.meta.endpoint_url, core)
    answer: dict[str, Any] = client.get_caller_identity()
    return answer


def _region(core: Core) -> str:
    return str(core.get_config_variable("region"))


def _source(core: Core) -> str | None:
    """The provider of the credentials that AWS has just refused."""
    credentials = core.get_credentials()
    return None if credentials is None else str(credentials.method)


def _refuse_unknown_host(url: str, core: Core) -> None:
    """In a thread: a name server that does not answer can block getaddrinfo for a minute."""
    address = urlsplit(url)
    host = address.hostname or ""
    # A proxy resolves the name itself.
    if is_loopback(url) or {address.scheme, "all"} & get_environ_proxies(url).keys():
        return
    found: queue.SimpleQueue[bool] = queue.SimpleQueue()
    threading.Thread(target=lambda: found.put(_is_known(host)), daemon=True).start()
    try:
        known = found.get(timeout=_NAME_SECONDS)
    except queue.Empty:
        known = False
    if not known:
        raise host_not_found(host, _region(core), core.get_available_regions("sts"))


def _is_known(host: str) -> bool:
    try:
        return bool(socket.getaddrinfo(host, 443))
    except OSError:
        return False


def _refuse_closed_region(core: Core) -> None:
    """A region that is not enabled for the account reports the keys as unknown."""
    region = _region(core)
    if region == _HOME_REGION:
        return
    try:
        account = str(_caller(core, _HOME_REGION)["Account"])
    except (*_FAILURES, AccountError):
        return
    status = _opt_in_status(core, region)
    if status == "ENABLING":
        raise AccountError(
            f"region {region} is being enabled for account {account}", "try again in a few minutes"
        )
    if status in {"ENABLED", "ENABLED_BY_DEFAULT"}:
        raise AccountError(
            f"region {region} does not accept session tokens of the global STS endpoint",
            "export AWS_STS_REGIONAL_ENDPOINTS=regional, and sign in again",
        )
    raise AccountError(
        f"region {region} is not enabled for account {account}",
        f"aws account enable-region --region-name {region} (takes a few minutes), "
        f"or export AWS_REGION={_HOME_REGION}",
    )


def _opt_in_status(core: Core, region: str) -> str | None:
    client = core.create_client("account", region_name=_HOME_REGION)
    try:
        return str(client.get_region_opt_status(RegionName=region)["RegionOptStatus"])
    except _FAILURES:
        # Few roles may read it. That another region accepts the keys is evidence enough.
        return None


def refuse_another(account: Account, environment: Pinned) -> None:
    if environment.account not in {None, account.id}:
        raise AccountError(
            f"account {account.id}, but config/environments.py says {environment.account}",
            f"export AWS_PROFILE= with a profile of account {environment.account}",
        )


def bootstrap_version(core: Core) -> int | None:
    """The version that cdk bootstrap left in this account and region; None if it never ran."""
    with in_a_hurry(core):
        client = core.create_client("ssm")
        try:
            return int(client.get_parameter(Name=_BOOTSTRAP)["Parameter"]["Value"])
        except client.exceptions.ParameterNotFound:
            return None


def refuse_bare(account: Account, core: Core) -> None:
    """Refuses an account that was never bootstrapped; the preflight checks the version."""
    try:
        version = bootstrap_version(core)
    except ClientError:
        # A role that may not read this may still deploy; the preflight reports what it skipped.
        return
    except BotoCoreError as error:
        raise account_problem(error) or unforeseen(error, aws_settings()) from None
    if version is None:
        raise AccountError(f"{account} is not bootstrapped", "make bootstrap")
