"""The system that a command works on: an AWS account and region, or a make dev."""

from functools import cached_property
from typing import Any, Final
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

from config.environments import LOCAL, PRODUCTION, Environment
from lambdas.shared.aws import PATIENT
from local.access.credentials import Credentials
from local.access.loopback import bypass_proxies, is_loopback, key_value_store_client
from local.access.running import DIRECTORY, running_port
from operations.account.aws_session import aws_session, core_of
from operations.account.identity import Account, identify, refuse_another
from operations.account.settings import aws_settings
from operations.errors import NotRunning, OperatorError

AT_ONCE: Final = 16
_PATIENT: Final = PATIENT.merge(Config(max_pool_connections=AT_ONCE))


class NoRegion(OperatorError):
    code = "no_region"

    def __init__(self) -> None:
        super().__init__(
            "no AWS region; fix: set AWS_REGION, or use --local for the make dev of this folder"
        )


class Target:
    def __init__(self, session: boto3.Session, endpoint: str | None = None) -> None:
        self._session = session
        self._endpoint = endpoint
        self._clients: dict[str, Any] = {}
        self.account: Account | None = None

    @classmethod
    def of_credentials(cls) -> "Target":
        if aws_settings().region is None:
            raise NoRegion
        target = cls(aws_session())
        target.account = identify(core_of(target._session))
        refuse_another(target.account, target.environment)
        return target

    @classmethod
    def of_make_dev(cls) -> "Target":
        port = running_port()
        if port is None:
            raise NotRunning
        credentials = Credentials.read(DIRECTORY)
        session = boto3.Session(
            aws_access_key_id=credentials.key_id,
            aws_secret_access_key=credentials.secret,
            region_name=LOCAL.region,
        )
        return cls(session, f"http://127.0.0.1:{port}")

    def client(self, service: str, config: Config = _PATIENT, region: str | None = None) -> Any:
        return self._session.client(
            service, endpoint_url=self._endpoint, config=config, region_name=region
        )

    def shared(self, service: str, region: str | None = None) -> Any:
        """The client of a service and region, created once."""
        key = f"{service} {region or ''}"
        if key not in self._clients:
            self._clients[key] = self.client(service, region=region)
        return self._clients[key]

    @cached_property
    def key_value_store(self) -> Any:
        if not self.is_local:
            return self.client("cloudfront-keyvaluestore")
        return key_value_store_client(self._session, urlsplit(self._address).port or 80)

    @cached_property
    def is_local(self) -> bool:
        local = is_loopback(self._address)
        if local:
            bypass_proxies()
        return local

    @property
    def environment(self) -> Environment:
        return LOCAL if self.is_local else PRODUCTION

    @property
    def region(self) -> str:
        return str(self._session.region_name)

    @cached_property
    def identity(self) -> str:
        """The ARN of the credentials."""
        if self.account is not None:
            return self.account.arn
        return str(self.shared("sts").get_caller_identity()["Arn"])

    @cached_property
    def _address(self) -> str:
        return str(self.shared("ssm").meta.endpoint_url)

    def close(self) -> None:
        clients = list(self._clients.values())
        if "key_value_store" in self.__dict__:
            clients.append(self.key_value_store)
        for client in clients:
            client.close()
