"""Admits a WebSocket connection that brings a host's API key."""

from typing import Any

import boto3
from aws_lambda_powertools import Logger

from lambdas.shared.aws import CONFIG
from lambdas.tunnels.api_keys import digest, is_key
from lambdas.tunnels.settings import AuthorizeSettings
from lambdas.tunnels.table import KeyHolder, TunnelTable

settings = AuthorizeSettings.from_environment()
logger = Logger(service="tunnels-authorize")
table = TunnelTable(boto3.client("dynamodb", config=CONFIG), settings.tunnel_table)


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    key = _key_in(event)
    holder = table.holder(key) if is_key(key) else None
    if holder is None:
        logger.info("refused")
        return _policy("nobody", "Deny", event["methodArn"], {})
    return _policy(holder.id, "Allow", event["methodArn"], _context_of(holder, digest(key)))


def _key_in(event: dict[str, Any]) -> str:
    """From the header, or from the address of clients that can set none."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    query = event.get("queryStringParameters") or {}
    return str(headers.get("x-api-key") or query.get("apiKey") or "")


def _context_of(holder: KeyHolder, key: str) -> dict[str, str]:
    return {"owner": holder.owner, "kind": holder.kind, "id": holder.id, "key": key}


def _policy(principal: str, effect: str, arn: str, context: dict[str, str]) -> dict[str, Any]:
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": arn}
    return {
        "principalId": principal,
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": context,
    }
