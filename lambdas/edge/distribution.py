"""Reads a distribution's config as raw XML, and writes it back under its ETag."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from lambdas.edge.patch_plan import PatchRefusedError, Plan
from lambdas.edge.update_denied import denial

if TYPE_CHECKING:
    from types_boto3_cloudfront import CloudFrontClient

_MOVED: Final = {"PreconditionFailed", "InvalidIfMatchVersion"}
_TRIES: Final = 8


@dataclass(frozen=True, slots=True)
class Reading:
    """A config as it was read."""

    xml: bytes
    etag: str
    parsed: Any


class Distribution:
    def __init__(
        self,
        client: "CloudFrontClient",
        distribution_id: str,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._id = distribution_id
        self._wait = wait

    def read(self) -> Reading:
        seen: list[bytes] = []

        def keep(response_dict: Any, **_: Any) -> None:
            seen.append(response_dict["body"])

        with _hook(self._client, "before-parse.cloudfront.GetDistributionConfig", keep):
            answer = self._client.get_distribution_config(Id=self._id)
        return Reading(seen[-1], answer["ETag"], answer["DistributionConfig"])

    def is_deployed(self) -> bool:
        """Whether every edge location has the last change."""
        status: str = self._client.get_distribution(Id=self._id)["Distribution"]["Status"]
        return status == "Deployed"

    def change(self, plan: Callable[[bytes], Plan], before: Callable[[Reading], None]) -> Plan:
        """Plans and writes a change. Starts again where the config has changed meanwhile."""
        for attempt in range(1, _TRIES + 1):
            reading = self.read()
            planned = plan(reading.xml)
            if not planned.changes:
                return planned
            before(reading)
            try:
                self._write(planned.xml, reading)
            except ClientError as error:
                if error.response["Error"]["Code"] not in _MOVED or attempt == _TRIES:
                    lacking = denial(error, planned.xml)
                    if lacking is None:
                        raise
                    raise PatchRefusedError(lacking) from error
                self._wait(random.uniform(0.2, 1.0) * attempt)
            else:
                return planned
        raise AssertionError("the last try either returns or raises")

    def _write(self, xml: bytes, reading: Reading) -> None:
        def replace(params: Any, **_: Any) -> None:
            params["body"] = xml

        with _hook(self._client, "before-call.cloudfront.UpdateDistribution", replace):
            self._client.update_distribution(
                Id=self._id, IfMatch=reading.etag, DistributionConfig=reading.parsed
            )


class _hook:  # noqa: N801 - reads as a statement
    def __init__(
        self, client: "CloudFrontClient", event: str, handler: Callable[..., None]
    ) -> None:
        self._events = client.meta.events
        self._event = event
        self._handler = handler

    def __enter__(self) -> None:
        self._events.register(self._event, self._handler)

    def __exit__(self, *_: object) -> None:
        self._events.unregister(self._event, self._handler)
