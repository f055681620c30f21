"""Custom resource: creates the origin lock with the first deploy, deletes it with the last."""

import secrets
from typing import Any

import boto3
from aws_lambda_powertools import Logger

from lambdas.edge.settings import OriginLockSettings
from lambdas.shared.aws import PATIENT
from lambdas.shared.keys.secret_parameters import SecretParameters

settings = OriginLockSettings.from_environment()
logger = Logger(service="origin-lock")
parameters = SecretParameters(boto3.client("ssm", config=PATIENT), logger)


def handler(event: dict[str, Any], _context: Any) -> dict[str, str]:
    name = settings.origin_lock_parameter
    if event["RequestType"] == "Delete":
        parameters.delete(name)
    else:
        parameters.create(name, secrets.token_urlsafe(32))
    return {"PhysicalResourceId": name}
