"""Invokes a deployed function and waits for its answer."""

import json
from typing import Final

from botocore.config import Config

from operations.cli.output import Json
from operations.cli.session import Session
from operations.errors import FunctionFailed

_PATIENT: Final = Config(connect_timeout=5, read_timeout=900, retries={"total_max_attempts": 1})
"""A trim may take 14 minutes, and a second attempt would be a second trim."""


def invoke(session: Session, function: str, payload: Json, *, doing: str) -> Json:
    client = session.target.client("lambda", _PATIENT)
    try:
        with session.output.waiting(doing):
            answer = client.invoke(FunctionName=function, Payload=json.dumps(payload).encode())
            content = json.loads(answer["Payload"].read())
    finally:
        client.close()
    if "FunctionError" in answer:
        raise FunctionFailed(function, content.get("errorMessage", "see its log"))
    return content
