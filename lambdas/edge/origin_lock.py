"""Custom resource: the origin lock exists from the first deploy to the last delete."""

import secrets
from typing import Any

import boto3
from aws_lambda_powertools import Logger

from lambdas.edge.settings import OriginLockSettings
from lambdas.shared.aws import PATIENT

settings = OriginLockSettings.from_environment()
logger = Logger(service="origin-lock")
ssm = boto3.client("ssm", config=PATIENT)


def handler(event: dict[str, Any], _context: Any) -> dict[str, str]:
    name = settings.origin_lock_parameter
    if event["RequestType"] == "Delete":
        _delete(name)
    else:
        _create(name)
    return {"PhysicalResourceId": name}


def _create(name: str) -> None:
    """Keeps what is there: a new value would lock out the distribution that knows the old one."""
    try:
        ssm.put_parameter(Name=name, Type="SecureString", Value=secrets.token_urlsafe(32))
    except ssm.exceptions.ParameterAlreadyExists:
        logger.info("kept", parameter=name)
    else:
        logger.info("made", parameter=name)


def _delete(name: str) -> None:
    try:
        ssm.delete_parameter(Name=name)
    except ssm.exceptions.ParameterNotFound:
        logger.info("gone already", parameter=name)
