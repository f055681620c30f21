"""Custom resource: telemetry's keys, and their rotation by schedule.

The key that hashes players stays: its hashes find their data.
"""

from typing import Any

import boto3
from aws_lambda_powertools import Logger

from lambdas.shared.aws import PATIENT
from lambdas.shared.keys.kept_keys import KeptKeys
from lambdas.shared.keys.secret_parameters import SecretParameters
from lambdas.telemetry.settings import KeysSettings

settings = KeysSettings.from_environment()
logger = Logger(service="telemetry-keys")
parameters = SecretParameters(boto3.client("ssm", config=PATIENT), logger)


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    keys = KeptKeys(
        parameters,
        logger,
        signing=settings.token_keys_parameter,
        lasting=settings.hash_key_parameter,
        keep_lasting=bool(settings.keep_hash_key),
    )
    return keys.handle(event)
