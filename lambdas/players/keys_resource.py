"""Custom resource: the keys of players' tokens, and the secret that their board keys come from."""

from typing import Any

import boto3
from aws_lambda_powertools import Logger

from lambdas.players.settings import KeysSettings
from lambdas.shared.aws import PATIENT
from lambdas.shared.keys.kept_keys import KeptKeys
from lambdas.shared.keys.secret_parameters import SecretParameters

settings = KeysSettings.from_environment()
logger = Logger(service="players-keys")
keys = KeptKeys(
    SecretParameters(boto3.client("ssm", config=PATIENT), logger),
    logger,
    signing=settings.token_keys_parameter,
    lasting=settings.player_secret_parameter,
    keep_lasting=bool(settings.keep_player_secret),
)


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    return keys.handle(event)
