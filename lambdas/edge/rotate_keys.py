"""Rotates the token keys and the origin lock, by schedule and by command."""

import json
import secrets
import time
from typing import Any

import boto3
from aws_lambda_powertools import Logger

from lambdas.edge.settings import RotationSettings
from lambdas.edge.token_keys import CURRENT, made_at, rotated
from lambdas.shared.aws import PATIENT
from lambdas.shared.edge_store import EdgeStore
from lambdas.shared.origin_lock import accepted_values
from lambdas.shared.parameters import read_parameter

settings = RotationSettings.from_environment()
logger = Logger(service="rotate-keys")
store = EdgeStore(boto3.client("cloudfront-keyvaluestore", config=PATIENT), settings.store_arn)


def handler(_event: dict[str, Any], _context: Any) -> dict[str, Any]:
    now = int(time.time())
    changes = store.change(lambda values: rotated(values, now, settings.longest_play_seconds))
    _rotate_lock()
    made = made_at(changes.puts[CURRENT])
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
