"""Rotates the token keys and the origin lock, by schedule and by command."""

import json
import secrets
import time
from typing import Any

import boto3
from aws_lambda_powertools import Logger

from lambdas.edge.settings import RotationSettings
from lambdas.edge.token_keys import CURRENT, announced, promoted
from lambdas.shared.aws import PATIENT
from lambdas.shared.edge_store import EdgeStore
from lambdas.shared.origin_lock import accepted_values
from lambdas.shared.parameters import read_parameter
from lambdas.shared.signing_keys import made_at

settings = RotationSettings.from_environment()
logger = Logger(service="rotate-keys")
store = EdgeStore(boto3.client("cloudfront-keyvaluestore", config=PATIENT), settings.store_arn)


def handler(_event: dict[str, Any], _context: Any) -> dict[str, Any]:
    now = int(time.time())
    store.change(lambda values: announced(values, now, settings.rest_seconds))
    time.sleep(settings.propagation_seconds)
    store.change(promoted)
    _rotate_lock()
    made = made_at(store.values()[CURRENT])
    logger.info("rotated", made_at=made)
    return {"madeAt": made}


def _rotate_lock() -> None:
    """Both values are accepted from here on, so the distribution may change over at its pace."""
    name = settings.origin_lock_parameter
    current = accepted_values(read_parameter(name))[0]
    boto3.client("ssm", config=PATIENT).put_parameter(
        Name=name,
        Type="SecureString",
        Overwrite=True,
        Value=f"{secrets.token_urlsafe(32)},{current}",
    )
    boto3.client("lambda", config=PATIENT).invoke(
        FunctionName=settings.guard_function,
        InvocationType="Event",
        Payload=json.dumps({"why": "the origin lock was rotated"}).encode(),
    )
