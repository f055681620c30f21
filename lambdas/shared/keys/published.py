"""Reads the published hashes of the origin lock, without a client where that costs too much."""

import json
from collections.abc import Callable
from functools import partial
from typing import Final

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session

from lambdas.shared.aws import CONFIG
from lambdas.shared.http.origin_lock import published_name
from lambdas.shared.keys.parameters import ParametersMissing, read_parameter
from lambdas.shared.settings import endpoint_of, trusted_roots

_TARGET: Final = "AmazonSSM.GetParameter"
_SECONDS: Final = 2


def lock_reader(parameter: str, read: Callable[[], str] | None = None) -> Callable[[], str]:
    """Returns what reads the hashes, or the lock itself while an older deploy publishes none."""
    hashes = read or partial(_read_published, published_name(parameter))

    def read_lock() -> str:
        try:
            return hashes()
        except ParametersMissing:
            return read_parameter(parameter)

    return read_lock


def _read_published(name: str) -> str:
    try:
        return _read_without_client(name)
    except ParametersMissing:
        raise
    except Exception:  # noqa: BLE001
        # The client knows retries, and endpoints of which this module knows nothing.
        return _read_with_client(name)


def _read_with_client(name: str) -> str:
    client = boto3.client("ssm", config=CONFIG)
    try:
        return str(client.get_parameter(Name=name)["Parameter"]["Value"])
    except client.exceptions.ParameterNotFound:
        raise ParametersMissing([name]) from None


def _read_without_client(name: str) -> str:
    """Signs the request itself: making an SSM client takes a tenth of a cold start."""
    session = boto3.DEFAULT_SESSION or boto3.Session()
    credentials, region = session.get_credentials(), session.region_name
    if credentials is None or region is None:
        raise LookupError("no credentials or no region")
    request = AWSRequest(
        method="POST",
        url=endpoint_of("ssm", region),
        data=json.dumps({"Name": name}).encode(),
        headers={"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": _TARGET},
    )
    SigV4Auth(credentials.get_frozen_credentials(), "ssm", region).add_auth(request)
    http = URLLib3Session(verify=trusted_roots(), timeout=_SECONDS)
    try:
        answer = http.send(request.prepare())
    finally:
        http.close()
    content = json.loads(answer.content)
    if str(content.get("__type", "")).endswith("ParameterNotFound"):
        raise ParametersMissing([name])
    return str(content["Parameter"]["Value"])
