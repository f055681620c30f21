"""Rotates the token keys and the origin lock, by schedule and by command."""

import json
import time
from typing import Any

import boto3
from aws_lambda_powertools import Logger

from lambdas.edge.rotation import Rotation
from lambdas.edge.settings import RotationSettings
from lambdas.shared.aws import PATIENT
from lambdas.shared.edge_store import EdgeStore
from lambdas.shared.http.origin_lock import (
    REREAD_ON_MISMATCH_SECONDS,
    hashes_of,
    published_name,
)
from lambdas.shared.keys.parameters import read_parameter
from lambdas.shared.keys.secret_parameters import SecretParameters
from lambdas.shared.keys.signing_keys import made_at

settings = RotationSettings.from_environment()
logger = Logger(service="rotate-keys")


class _Parameter:
    def read(self) -> str:
        return read_parameter(settings.origin_lock_parameter)

    def write(self, stored: str) -> None:
        """Publishes the hashes first: a patch may send a value as soon as it is stored."""
        parameters = SecretParameters(boto3.client("ssm", config=PATIENT), logger)
        parameters.publish(published_name(settings.origin_lock_parameter), hashes_of(stored))
        parameters.replace(settings.origin_lock_parameter, stored)

    def tell_the_distribution(self) -> None:
        boto3.client("lambda", config=PATIENT).invoke(
            FunctionName=settings.guard_function,
            InvocationType="Event",
            Payload=json.dumps({"why": "the origin lock was rotated"}).encode(),
        )


rotation = Rotation(
    store=EdgeStore(boto3.client("cloudfront-keyvaluestore", config=PATIENT), settings.store_arn),
    lock=_Parameter(),
    rest_seconds=settings.rest_seconds,
    wait_until_everywhere=lambda: time.sleep(settings.propagation_seconds),
    wait_until_readable=lambda: time.sleep(REREAD_ON_MISMATCH_SECONDS),
)


def handler(_event: dict[str, Any], _context: Any) -> dict[str, Any]:
    made = made_at(rotation.run(int(time.time())))
    logger.info("rotated", made_at=made)
    return {"madeAt": made}
