"""SSM parameters that a stack makes with its first deploy and deletes with its last."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger
    from types_boto3_ssm import SSMClient
    from types_boto3_ssm.literals import ParameterTypeType


class SecretParameters:
    def __init__(self, ssm: "SSMClient", logger: "Logger") -> None:
        self._ssm = ssm
        self._logger = logger

    def create(self, name: str, value: str) -> None:
        """Keeps an existing value: whoever knows it would be locked out by a new one."""
        self._create(name, "SecureString", value)

    def create_published(self, name: str, value: str) -> None:
        """For what is no secret, such as a hash. Keeps an existing value: it may be newer."""
        self._create(name, "String", value)

    def _create(self, name: str, kind: "ParameterTypeType", value: str) -> None:
        try:
            self._ssm.put_parameter(Name=name, Type=kind, Value=value)
        except self._ssm.exceptions.ParameterAlreadyExists:
            self._logger.info("kept", parameter=name)
        else:
            self._logger.info("made", parameter=name)

    def replace(self, name: str, value: str) -> None:
        self._ssm.put_parameter(Name=name, Type="SecureString", Overwrite=True, Value=value)

    def publish(self, name: str, value: str) -> None:
        self._ssm.put_parameter(Name=name, Type="String", Overwrite=True, Value=value)

    def delete(self, name: str) -> None:
        try:
            self._ssm.delete_parameter(Name=name)
        except self._ssm.exceptions.ParameterNotFound:
            self._logger.info("gone already", parameter=name)
