"""Custom resource: creates the origin lock and publishes its hashes, deletes both at the end."""

import secrets
from typing import Any

import boto3
from aws_lambda_powertools import Logger

from lambdas.edge.settings import OriginLockSettings
from lambdas.shared.aws import PATIENT
from lambdas.shared.http.origin_lock import hashes_of, published_name
from lambdas.shared.keys.parameters import read_parameter
from lambdas.shared.keys.secret_parameters import SecretParameters

settings = OriginLockSettings.from_environment()
logger = Logger(service="origin-lock")
parameters = SecretParameters(boto3.client("ssm", config=PATIENT), logger)


def handler(event: dict[str, Any], _context: Any) -> dict[str, str]:
    name = settings.origin_lock_parameter
    if event["RequestType"] == "Delete":
        parameters.delete(published_name(name))
        parameters.delete(name)
    else:
        parameters.create(name, secrets.token_urlsafe(32))
        parameters.create_published(published_name(name), hashes_of(read_parameter(name)))
    return {"PhysicalResourceId": name}
