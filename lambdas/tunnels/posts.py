"""Sends messages to connections, and closes them."""

from typing import Any, Self

import boto3
from botocore.exceptions import ClientError

from lambdas.shared.aws import CONFIG
from lambdas.tunnels.addresses import for_functions

_GONE = {"GoneException", "410"}


class Posts:
    def __init__(self, client: Any) -> None:
        self._client = client

    @classmethod
    def below(cls, websocket_url: str) -> Self:
        """At the host that connections go to, over HTTP."""
        address = for_functions(websocket_url)
        return cls(boto3.client("apigatewaymanagementapi", endpoint_url=address, config=CONFIG))

    def send(self, connection: str, message: bytes) -> bool:
        """False where the connection is gone."""
        try:
            self._client.post_to_connection(ConnectionId=connection, Data=message)
        except ClientError as error:
            if _is_gone(error):
                return False
            raise
        return True

    def close(self, connection: str) -> None:
        try:
            self._client.delete_connection(ConnectionId=connection)
        except ClientError as error:
            if not _is_gone(error):
                raise


def _is_gone(error: ClientError) -> bool:
    answer = error.response
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return answer["Error"]["Code"] in _GONE or status == 410
