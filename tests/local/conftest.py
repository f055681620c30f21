"""Sites for tests: a distribution, its functions, and an origin that echoes requests."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, Final, Generic, TypeVar
from uuid import uuid4

import pytest
import urllib3

from config import names
from local.cloud import Cloud
from local.edge import LocalEdge
from local.edge.control import key_value_store_client
from local.edge.policies import CACHING_DISABLED
from local.status import StatusPage

Json = dict[str, Any]
MANY = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]


class Clock:
    """The wall's, moved on by hand."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


class StubOrigin(ThreadingHTTPServer):
    """Echoes what it is asked; `headers` and `status` of its answers are the test's to set."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Echo)
        self.headers: dict[str, str] = {}
        self.status = 200
        self.asked = 0
        self.answered = threading.Semaphore(0)


class _Echo(BaseHTTPRequestHandler):
    server: StubOrigin
    protocol_version = "HTTP/1.1"

    def _serve(self) -> None:
        self.server.asked += 1
        length = int(self.headers.get("Content-Length", "0"))
        said = {
            "method": self.command,
            "target": self.requestline.split()[1],
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "body": self.rfile.read(length).decode(),
            "number": self.server.asked,
        }
        body = json.dumps(said).encode()
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.server.answered.release()

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_OPTIONS = _serve

    def log_message(self, format: str, *_: Any) -> None: ...


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def cache(self) -> str:
        return self.headers["X-Cache"].removesuffix(" from cloudfront")


@dataclass
class Site:
    cloud: Cloud
    edge: LocalEdge
    origin: StubOrigin
    clock: Clock
    id: str = ""
    config: Json = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.cloudfront = self.cloud.client("cloudfront")
        self._pool = urllib3.PoolManager(retries=False)

    def ask(
        self,
        target: str,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Reply:
        host = {"Host": self.edge.url.removeprefix("http://"), "User-Agent": "tests"}
        answer = self._pool.request(
            method,
            f"http://127.0.0.1:{self.edge.port}{target}",
            headers={**host, **(headers or {})},
            body=body,
            redirect=False,
        )
        return Reply(answer.status, answer.headers, answer.data)

    def close(self) -> None:
        """Others take the cloud for one with no site in it."""
        self._pool.clear()
        self.cloud.client("ssm").delete_parameters(Names=[names.DISTRIBUTION_ID])

    def publish_distribution(self, *behaviours: Json, **changes: Any) -> None:
        """The site from now on: these behaviours ahead of one that caches nothing."""
        self.config = {
            "CallerReference": str(uuid4()),
            "Comment": "a test's",
            "Enabled": True,
            "Origins": counted([self.stub()]),
            "DefaultCacheBehavior": without_pattern(behaviour("*")),
            "CacheBehaviors": counted(list(behaviours)),
            **changes,
        }
        created = self.cloudfront.create_distribution(DistributionConfig=self.config)
        self.id = created["Distribution"]["Id"]
        self.cloud.client("ssm").put_parameter(
            Name=names.DISTRIBUTION_ID, Value=self.id, Type="String", Overwrite=True
        )
        self.edge.refresh()

    def update(self, *behaviours: Json) -> None:
        there = self.cloudfront.get_distribution_config(Id=self.id)
        config = there["DistributionConfig"]
        added = [_COMPLETE | each for each in behaviours]
        self.cloudfront.update_distribution(
            Id=self.id,
            IfMatch=there["ETag"],
            DistributionConfig=config | {"CacheBehaviors": counted(added)},
        )
        self.edge.refresh()

    def stub(self, **changes: Any) -> Json:
        return {
            "Id": "stub",
            "DomainName": "stub.localhost",
            "CustomOriginConfig": {
                "HTTPPort": self.origin.server_port,
                "HTTPSPort": 443,
                "OriginProtocolPolicy": "http-only",
            },
            **changes,
        }

    def function(self, code: str, store: str | None = None) -> str:
        """Created and published; its ARN."""
        stores = counted([{"KeyValueStoreARN": store}] if store else [])
        name = f"f-{uuid4().hex[:12]}"
        created = self.cloudfront.create_function(
            Name=name,
            FunctionConfig={
                "Comment": "",
                "Runtime": "cloudfront-js-2.0",
                "KeyValueStoreAssociations": stores,
            },
            FunctionCode=code.encode(),
        )
        self.cloudfront.publish_function(Name=name, IfMatch=created["ETag"])
        return str(created["FunctionSummary"]["FunctionMetadata"]["FunctionARN"])

    def republish(self, arn: str, code: str) -> None:
        name = arn.rpartition("/")[2]
        now = self.cloudfront.describe_function(Name=name, Stage="DEVELOPMENT")
        self.cloudfront.update_function(
            Name=name,
            IfMatch=now["ETag"],
            FunctionConfig=now["FunctionSummary"]["FunctionConfig"],
            FunctionCode=code.encode(),
        )
        # UpdateFunction's own answer: botocore looks for the ETag under a misspelt name.
        updated = self.cloudfront.describe_function(Name=name, Stage="DEVELOPMENT")
        self.cloudfront.publish_function(Name=name, IfMatch=updated["ETag"])
        self.edge.refresh()

    def store(self, values: Mapping[str, str]) -> str:
        created = self.cloudfront.create_key_value_store(Name=f"s-{uuid4().hex[:12]}")
        arn = str(created["KeyValueStore"]["ARN"])
        self.put(arn, values)
        return arn

    def put(self, store: str, values: Mapping[str, str]) -> None:
        keys = key_value_store_client(self.cloud)
        etag = keys.describe_key_value_store(KvsARN=store)["ETag"]
        for first in range(0, len(values), 50):
            some = list(values.items())[first : first + 50]
            puts = [{"Key": key, "Value": value} for key, value in some]
            etag = keys.update_keys(KvsARN=store, IfMatch=etag, Puts=puts)["ETag"]
        keys.close()
        self.edge.refresh()

    def cache_policy(self, max_ttl: int = 86_400, **selected: Json) -> str:
        created = self.cloudfront.create_cache_policy(
            CachePolicyConfig={
                "Name": f"p-{uuid4().hex[:12]}",
                "MinTTL": 0,
                "DefaultTTL": 0,
                "MaxTTL": max_ttl,
                "ParametersInCacheKeyAndForwardedToOrigin": {
                    "EnableAcceptEncodingGzip": False,
                    "HeadersConfig": {"HeaderBehavior": "none"},
                    "CookiesConfig": {"CookieBehavior": "none"},
                    "QueryStringsConfig": {"QueryStringBehavior": "none"},
                    **selected,
                },
            }
        )
        return str(created["CachePolicy"]["Id"])

    def invalidate(self, *paths: str) -> None:
        self.cloudfront.create_invalidation(
            DistributionId=self.id,
            InvalidationBatch={"CallerReference": str(uuid4()), "Paths": counted(list(paths))},
        )
        self.edge.refresh()


def behaviour(pattern: str, **changes: Any) -> Json:
    return {
        "PathPattern": pattern,
        "TargetOriginId": "stub",
        "ViewerProtocolPolicy": "allow-all",
        "CachePolicyId": CACHING_DISABLED,
        **changes,
    }


_COMPLETE: Final[Json] = {
    "AllowedMethods": {
        "Quantity": 2,
        "Items": ["HEAD", "GET"],
        "CachedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"]},
    },
    "SmoothStreaming": False,
    "Compress": False,
    "LambdaFunctionAssociations": {"Quantity": 0},
    "FieldLevelEncryptionId": "",
}
"""The required fields of a behaviour on update."""


def without_pattern(config: Json) -> Json:
    return {name: value for name, value in config.items() if name != "PathPattern"}


def runs(arn: str, event_type: str = "viewer-request") -> Json:
    return counted([{"FunctionARN": arn, "EventType": event_type}])


def counted(items: list[Any]) -> Json:
    return {"Quantity": len(items), "Items": items}


@pytest.fixture
def stub_origin() -> Iterator[StubOrigin]:
    with serving(StubOrigin()) as origin:
        yield origin


@pytest.fixture
def site(cloud: Cloud, stub_origin: StubOrigin) -> Iterator[Site]:
    clock = Clock()
    edge = LocalEdge(cloud, 0, clock=clock, pages=StatusPage)
    edge.start()
    site = Site(cloud, edge, stub_origin, clock)
    yield site
    edge.stop()
    site.close()


Server = TypeVar("Server", bound=TCPServer)


class serving(Generic[Server]):  # noqa: N801
    def __init__(self, server: Server) -> None:
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> Server:
        self._thread.start()
        return self._server

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
