"""Custom resource: creates telemetry's keys with the first deploy, deletes them with the last.

An event without a RequestType rotates the keys that sign tokens.
"""

import secrets
import time
from typing import Any

import boto3
from aws_lambda_powertools import Logger

from lambdas.shared.aws import PATIENT
from lambdas.shared.keys.key_ring import rotated
from lambdas.shared.keys.parameters import read_parameter
from lambdas.shared.keys.secret_parameters import SecretParameters
from lambdas.shared.keys.signing_keys import made_at, new_key
from lambdas.telemetry.settings import KeysSettings

settings = KeysSettings.from_environment()
logger = Logger(service="telemetry-keys")
parameters = SecretParameters(boto3.client("ssm", config=PATIENT), logger)


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    if "RequestType" not in event:
        return _rotate()
    if event["RequestType"] == "Delete":
        parameters.delete(settings.token_keys_parameter)
        if not settings.keep_hash_key:
            parameters.delete(settings.hash_key_parameter)
    else:
        parameters.create(settings.token_keys_parameter, new_key(int(time.time())))
        parameters.create(settings.hash_key_parameter, secrets.token_urlsafe(32))
    return {"PhysicalResourceId": settings.token_keys_parameter}


def _rotate() -> dict[str, Any]:
    """Leaves the key that hashes players: its hashes find their data."""
    name = settings.token_keys_parameter
    keys = rotated(read_parameter(name), int(time.time()))
    parameters.replace(name, keys)
    made = made_at(keys)
    logger.info("rotated", made_at=made)
    return {"madeAt": made}
