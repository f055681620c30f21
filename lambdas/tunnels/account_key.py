"""The key of our account with the certificate authority. The first order makes it."""

import boto3
from botocore.exceptions import ClientError

from lambdas.shared.aws import PATIENT
from lambdas.shared.keys.parameters import read_parameter
from lambdas.tunnels.p256 import PrivateKey


def account_key(parameter: str) -> PrivateKey:
    try:
        return PrivateKey(int(read_parameter(parameter), 16))
    except ClientError as error:
        if error.response["Error"]["Code"] != "ParameterNotFound":
            raise
        return _made(parameter)


def _made(parameter: str) -> PrivateKey:
    """Where another run was faster, its key counts."""
    client = boto3.client("ssm", config=PATIENT)
    key = PrivateKey.new()
    try:
        client.put_parameter(
            Name=parameter, Value=f"{key.secret:064x}", Type="SecureString", Overwrite=False
        )
    except client.exceptions.ParameterAlreadyExists:
        return PrivateKey(int(read_parameter(parameter), 16))
    return key
