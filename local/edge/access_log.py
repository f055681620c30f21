"""Writes the access logs that are set up for the distribution, as CloudFront does.

The files have AWS's names of fields, and go to the bucket and the folder that the delivery names.
"""

from __future__ import annotations

import gzip
import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from config import names
from local.cloud import Cloud
from local.edge.handled import Handled
from local.edge.messages import Request, Response

_EVERY_SECONDS: Final = 1.0
"""CloudFront takes minutes. Nobody wants to wait for them on a laptop."""
_BELIEVED_SECONDS: Final = 5
_ONCE: Final = Config(connect_timeout=1, read_timeout=5, retries={"total_max_attempts": 1})
_MOST_LINES: Final = 50_000
"""Of one file. More are dropped, as CloudFront promises no complete log."""
_ABSENT: Final = "-"

Line = dict[str, str]


@dataclass(frozen=True, slots=True)
class Delivery:
    distribution_id: str
    bucket: str
    prefix: str
    suffix: str
    fields: tuple[str, ...]


class AccessLog:
    def __init__(self, cloud: Cloud, clock: Callable[[], float]) -> None:
        self._ssm, self._logs, self._s3 = (
            cloud.client(each, config=_ONCE) for each in ("ssm", "logs", "s3")
        )
        self._clock = clock
        self._lock = threading.Lock()
        self._lines: list[Line] = []
        self._believed: tuple[float, list[Delivery]] = (float("-inf"), [])
        self._ended = threading.Event()
        self._writer = threading.Thread(target=self._write_always, name="access-log", daemon=True)

    def start(self) -> None:
        self._writer.start()

    def stop(self) -> None:
        self._ended.set()
        if self._writer.is_alive():
            self._writer.join()
        for client in (self._ssm, self._logs, self._s3):
            client.close()

    def add(self, request: Request, response: Response, handled: Handled) -> None:
        line = line_of(request, response, handled)
        with self._lock:
            if len(self._lines) < _MOST_LINES:
                self._lines.append(line)

    def flush(self) -> None:
        """Writes a file for each delivery, unless nothing was asked since the last one."""
        with self._lock:
            lines, self._lines = self._lines, []
        if not lines:
            return
        for delivery in self._deliveries():
            content = "".join(
                json.dumps({field: line.get(field, _ABSENT) for field in delivery.fields}) + "\n"
                for line in lines
            )
            self._s3.put_object(
                Bucket=delivery.bucket,
                Key=file_name(delivery, self._clock()),
                Body=gzip.compress(content.encode()),
            )

    def _write_always(self) -> None:
        while not self._ended.wait(_EVERY_SECONDS):
            self._try_to_flush()
        self._try_to_flush()

    def _try_to_flush(self) -> None:
        try:
            self.flush()
        except (BotoCoreError, ClientError) as error:
            print(f"local edge: access log not written: {error}")

    def _deliveries(self) -> list[Delivery]:
        read_at, found = self._believed
        if time.monotonic() - read_at > _BELIEVED_SECONDS:
            try:
                found = self._read()
            except (BotoCoreError, ClientError):
                found = []  # there is no distribution yet, or no cloud
            self._believed = time.monotonic(), found
        return found

    def _read(self) -> list[Delivery]:
        distribution_id = self._distribution_id()
        sources = {
            each["name"]
            for each in self._logs.describe_delivery_sources()["deliverySources"]
            if any(arn.endswith(f"/{distribution_id}") for arn in each["resourceArns"])
        }
        destinations = {
            each["arn"]: each["deliveryDestinationConfiguration"]["destinationResourceArn"]
            for each in self._logs.describe_delivery_destinations()["deliveryDestinations"]
        }
        return [
            _delivery(distribution_id, destinations[each["deliveryDestinationArn"]], each)
            for each in self._logs.describe_deliveries()["deliveries"]
            if each["deliverySourceName"] in sources
        ]

    def _distribution_id(self) -> str:
        return str(self._ssm.get_parameter(Name=names.DISTRIBUTION_ID)["Parameter"]["Value"])


def _delivery(distribution_id: str, destination: str, delivery: Mapping[str, Any]) -> Delivery:
    bucket, _, prefix = destination.removeprefix("arn:aws:s3:::").partition("/")
    suffix = delivery.get("s3DeliveryConfiguration", {}).get("suffixPath", "")
    return Delivery(distribution_id, bucket, prefix, suffix, tuple(delivery["recordFields"]))


def file_name(delivery: Delivery, now: float) -> str:
    moment = time.gmtime(now)
    values = {
        "{DistributionId}": delivery.distribution_id,
        "{distributionid}": delivery.distribution_id,
        "{yyyy}": time.strftime("%Y", moment),
        "{MM}": time.strftime("%m", moment),
        "{dd}": time.strftime("%d", moment),
        "{HH}": time.strftime("%H", moment),
    }
    suffix = delivery.suffix
    for variable, value in values.items():
        suffix = suffix.replace(variable, value)
    hour = time.strftime("%Y-%m-%d-%H", moment)
    name = f"{delivery.distribution_id}.{hour}.{secrets.token_hex(4)}.gz"
    return "/".join(part.strip("/") for part in (delivery.prefix, suffix, name) if part)


def line_of(request: Request, response: Response, handled: Handled) -> Line:
    """Every field that CloudFront can write, as far as this machine knows its value."""
    end = handled.time + handled.ms / 1000
    moment = time.gmtime(end)
    result = (response.header("x-cache") or "Error").partition(" ")[0]
    asked = handled.origin is not None and handled.origin_status is not None
    first_byte = f"{handled.origin_ms / 1000:.3f}" if asked else _ABSENT
    values = {
        "timestamp": str(int(end)),
        "timestamp(ms)": str(int(end * 1000)),
        "date": time.strftime("%Y-%m-%d", moment),
        "time": time.strftime("%H:%M:%S", moment),
        "x-edge-location": "LOCAL",
        "x-edge-request-id": handled.id or secrets.token_urlsafe(42),
        "x-edge-result-type": result,
        "x-edge-response-result-type": result,
        "x-edge-detailed-result-type": result,
        "c-ip": request.ip,
        "cs-method": request.method,
        "cs-uri-stem": request.uri,
        "cs-uri-query": request.query,
        "cs(Host)": request.header("host"),
        "x-host-header": request.header("host"),
        "cs(Referer)": request.header("referer"),
        "cs(User-Agent)": request.header("user-agent"),
        "cs(Cookie)": request.header("cookie"),
        "cs-bytes": str(len(request.body)),
        "cs-protocol": "http",
        "cs-protocol-version": "HTTP/1.1",
        "sc-status": f"{response.status:03d}",
        "sc-bytes": str(len(response.body)),
        "sc-content-type": response.header("content-type"),
        "sc-content-len": response.header("content-length"),
        "time-taken": f"{handled.ms / 1000:.4f}",
        "time-to-first-byte": f"{handled.ms / 1000:.4f}",
        "origin-fbl": first_byte,
        "origin-lbl": first_byte,
        "cache-behavior-path-pattern": handled.behaviour,
    }
    return {name: _encoded(value) for name, value in values.items() if value}


def _encoded(value: str) -> str:
    """CloudFront encodes spaces, and characters that are not printable ASCII."""
    return quote(value, safe="!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
