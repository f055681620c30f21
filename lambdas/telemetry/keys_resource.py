"""Keys of the telemetry: made at the first deploy, gone with the last, rotated in between.

As a custom resource it makes and removes them; otherwise it rotates those that sign.
"""

import secrets
import time
from typing import Any

import boto3
from aws_lambda_powertools import Logger

from lambdas.shared.aws import PATIENT
from lambdas.shared.keys.key_ring import rotated
from lambdas.shared.keys.parameters import read_parameter
from lambdas.shared.keys.signing_keys import made_at, new_key
from lambdas.telemetry.settings import KeysSettings

settings = KeysSettings.from_environment()
logger = Logger(service="telemetry-keys")
ssm = boto3.client("ssm", config=PATIENT)


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    if "RequestType" not in event:
        return _rotate()
    if event["RequestType"] == "Delete":
        _delete(settings.token_keys_parameter)
        if not settings.keep_hash_key:
            _delete(settings.hash_key_parameter)
    else:
        _create(settings.token_keys_parameter, new_key(int(time.time())))
        _create(settings.hash_key_parameter, secrets.token_urlsafe(32))
    return {"PhysicalResourceId": settings.token_keys_parameter}


def _rotate() -> dict[str, Any]:
    """The key that hashes players stays: by its hashes they are counted and forgotten."""
    name = settings.token_keys_parameter
    keys = rotated(read_parameter(name), int(time.time()))
    ssm.put_parameter(Name=name, Type="SecureString", Overwrite=True, Value=keys)
    made = made_at(keys)
    logger.info("rotated", made_at=made)
    return {"madeAt": made}


def _create(name: str, value: str) -> None:
    """Keeps what is there: a new value would void what was made with it."""
    try:
        ssm.put_parameter(Name=name, Type="SecureString", Value=value)
    except ssm.exceptions.ParameterAlreadyExists:
        logger.info("kept", parameter=name)
    else:
        logger.info("made", parameter=name)


def _delete(name: str) -> None:
    try:
        ssm.delete_parameter(Name=name)
    except ssm.exceptions.ParameterNotFound:
        logger.info("gone already", parameter=name)
