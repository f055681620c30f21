"""WebSocket connections end where API Gateway ends them."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import pytest
from botocore.exceptions import ClientError
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from local.cloud import Cloud

T = TypeVar("T")
_ECHO = """
def handler(event, context):
    route = event["requestContext"]["routeKey"]
    if route == "$connect":
        return {"statusCode": 200}
    connection = event["requestContext"]["connectionId"]
    return {"statusCode": 200, "body": connection + " " + str(len(event.get("body") or ""))}
"""


@pytest.fixture(scope="module")
def address(strict: Cloud) -> str:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("index.py", _ECHO)
    trust = {"Version": "2012-10-17", "Statement": []}
    strict.client("iam").create_role(RoleName="echo", AssumeRolePolicyDocument=json.dumps(trust))
    function = strict.client("lambda").create_function(
        FunctionName="echo",
        Runtime="python3.11",
        Role="arn:aws:iam::000000000000:role/echo",
        Handler="index.handler",
        Code={"ZipFile": archive.getvalue()},
    )
    gateway = strict.client("apigatewayv2")
    api = gateway.create_api(
        Name="echo", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action"
    )["ApiId"]
    uri = (
        "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
        f"{function['FunctionArn']}/invocations"
    )
    integration = gateway.create_integration(
        ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=uri
    )["IntegrationId"]
    for route in ("$connect", "$default"):
        gateway.create_route(ApiId=api, RouteKey=route, Target=f"integrations/{integration}")
    gateway.create_stage(ApiId=api, StageName="prod", AutoDeploy=True)
    return f"ws://127.0.0.1:{strict.port}/_aws/execute-api/{api}/prod"


def run(talk: Coroutine[Any, Any, T]) -> T:
    """In a thread of its own: a browser test of this process may keep a loop in the first one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, talk).result()


@asynccontextmanager
async def connected(address: str) -> AsyncIterator[ClientConnection]:
    async with connect(address, max_size=None, compression=None, ping_interval=None) as socket:
        yield socket


async def echoed(socket: ClientConnection, *frames: str) -> int:
    await socket.send(frames if len(frames) > 1 else frames[0])
    return int(str(await socket.recv()).split()[1])


async def ended(socket: ClientConnection) -> int:
    with pytest.raises(ConnectionClosed):
        await socket.recv()
    assert socket.close_code is not None
    return socket.close_code


def test_a_frame_of_32_kb_is_taken_and_one_byte_more_is_not(address: str) -> None:
    async def talk() -> None:
        async with connected(address) as socket:
            assert await echoed(socket, "x" * 32_768) == 32_768
            await socket.send("x" * 32_769)
            assert await ended(socket) == 1009

    run(talk())


def test_a_message_of_128_kb_in_frames_is_taken_and_one_byte_more_is_not(address: str) -> None:
    frame = "x" * 32_768

    async def talk() -> None:
        async with connected(address) as socket:
            assert await echoed(socket, *(frame for _ in range(4))) == 131_072
            await socket.send([*(frame for _ in range(4)), "x"])
            assert await ended(socket) == 1009

    run(talk())


def test_bytes_are_counted_not_characters(address: str) -> None:
    async def talk() -> None:
        async with connected(address) as socket:
            await socket.send("é" * 16_385)
            assert await ended(socket) == 1009

    run(talk())


def test_an_idle_connection_is_closed(address: str) -> None:
    async def talk() -> float:
        async with connected(address) as socket:
            began = asyncio.get_running_loop().time()
            assert await ended(socket) == 1001
            return asyncio.get_running_loop().time() - began

    assert run(talk()) < 2.5  # idle for one second here, long before the end of its life


def test_a_connection_that_talks_lives_until_its_time_is_over(address: str) -> None:
    answers = []

    async def talk(socket: ClientConnection) -> None:
        while True:
            answers.append(await echoed(socket, "x"))
            await asyncio.sleep(0.3)

    async def talk_until_it_ends() -> int | None:
        async with connected(address) as socket:
            with pytest.raises(ConnectionClosed):
                await talk(socket)
            return socket.close_code

    assert run(talk_until_it_ends()) == 1001
    assert len(answers) >= 4  # past the idle time, which is one second here


@pytest.fixture
def post(strict: Cloud, address: str) -> Iterator[Any]:
    client = strict.client("apigatewaymanagementapi")
    client.meta.events.register(
        "before-sign.apigatewaymanagementapi", lambda request, **_: _through(request, address)
    )
    yield client.post_to_connection
    client.close()


def _through(request: Any, address: str) -> None:
    path = request.url.split("/@connections/")[1]
    request.url = f"{address.replace('ws://', 'http://')}/@connections/{path}"


def test_a_posted_message_has_a_limit(address: str, post: Any) -> None:
    async def talk() -> None:
        async with connected(address) as socket:
            await socket.send("x")
            connection = str(await socket.recv()).split()[0]
            await asyncio.to_thread(post, ConnectionId=connection, Data=b"x" * 32_768)
            assert len(await socket.recv()) == 32_768
            with pytest.raises(ClientError, match="PayloadTooLargeException"):
                await asyncio.to_thread(post, ConnectionId=connection, Data=b"x" * 32_769)

    run(talk())
