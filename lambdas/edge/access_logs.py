"""Has CloudFront write a distribution's access log: its standard log, version 2, as JSON in S3.

Three objects of CloudWatch Logs make a log: a source, which names the distribution; a destination,
which names the bucket; and a delivery between the two. A distribution has one source at most, so
an owner who logs already has it, and ours is one more delivery from it.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

CLOUDFRONT_REGION: Final = "us-east-1"
_LOG_TYPE: Final = "ACCESS_LOGS"
_SUFFIX: Final = "{yyyy}/{MM}/{dd}/{HH}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessLog:
    name: str
    bucket: str = ""
    """The bucket's name; empty where the log is off."""
    prefix: str = ""
    fields: tuple[str, ...] = ()
    on: bool = True
    """False for a log that is switched off: the patch takes it out of the distribution."""

    @property
    def destination(self) -> str:
        return f"arn:aws:s3:::{self.bucket}/{self.prefix}"


def written(logs: Iterable[AccessLog]) -> str:
    return json.dumps([asdict(each) for each in logs], separators=(",", ":"))


def read(text: str) -> list[AccessLog]:
    return [AccessLog(**{**each, "fields": tuple(each["fields"])}) for each in json.loads(text)]


class Deliveries:
    """The logs of one distribution."""

    def __init__(self, client: Any, distribution_arn: str, logs: Sequence[AccessLog]) -> None:
        self._client = client
        self._distribution = distribution_arn
        self._logs = logs

    def apply(self) -> list[str]:
        """One line for each change; none where nothing was to be done."""
        changes: list[str] = []
        for log in self._logs:
            changes += self._ensure(log) if log.on else self._remove(log)
        return changes

    def remove(self) -> list[str]:
        """Takes out what apply puts in, and nothing else."""
        return [change for log in self._logs for change in self._remove(log)]

    def _ensure(self, log: AccessLog) -> Iterator[str]:
        source = self._source()
        if source is None:
            source = self._name_of_source(log)
            self._client.put_delivery_source(
                name=source, resourceArn=self._distribution, logType=_LOG_TYPE
            )
            yield f"add log source {source}"
        destination = self._destination(log)
        if destination is None or _bucket_of(destination) != log.destination:
            put = self._client.put_delivery_destination(
                name=log.name,
                outputFormat="json",
                deliveryDestinationConfiguration={"destinationResourceArn": log.destination},
            )
            destination = put["deliveryDestination"]
            yield f"add log destination {log.name}"
        delivery = self._delivery(source, destination["arn"])
        if delivery is not None and set(delivery.get("recordFields", ())) != set(log.fields):
            self._client.delete_delivery(id=delivery["id"])
            yield f"remove log delivery {log.name}, which has other fields"
            delivery = None
        if delivery is None:
            self._client.create_delivery(
                deliverySourceName=source,
                deliveryDestinationArn=destination["arn"],
                recordFields=list(log.fields),
                s3DeliveryConfiguration={"suffixPath": _SUFFIX, "enableHiveCompatiblePath": False},
            )
            yield f"add log delivery {log.name}"

    def _remove(self, log: AccessLog) -> Iterator[str]:
        source, destination = self._source(), self._destination(log)
        if source is not None and destination is not None:
            delivery = self._delivery(source, destination["arn"])
            if delivery is not None:
                self._client.delete_delivery(id=delivery["id"])
                yield f"remove log delivery {log.name}"
        if source == self._name_of_source(log) and not self._deliveries(
            "deliverySourceName", source
        ):
            self._client.delete_delivery_source(name=source)
            yield f"remove log source {source}"
        if destination is not None and not self._deliveries(
            "deliveryDestinationArn", destination["arn"]
        ):
            self._client.delete_delivery_destination(name=log.name)
            yield f"remove log destination {log.name}"

    def _name_of_source(self, log: AccessLog) -> str:
        """A distribution that htmlgame leaves and one that it enters are logged at once."""
        return f"{log.name}-{self._distribution.rpartition('/')[2]}"

    def _source(self) -> str | None:
        """The distribution's one source, whoever made it."""
        for page in self._client.get_paginator("describe_delivery_sources").paginate():
            for each in page["deliverySources"]:
                if self._distribution in each["resourceArns"] and each["logType"] == _LOG_TYPE:
                    return str(each["name"])
        return None

    def _destination(self, log: AccessLog) -> Any:
        try:
            return self._client.get_delivery_destination(name=log.name)["deliveryDestination"]
        except self._client.exceptions.ResourceNotFoundException:
            return None

    def _delivery(self, source: str, destination_arn: str) -> Any:
        found = self._deliveries("deliverySourceName", source)
        return next(
            (each for each in found if each["deliveryDestinationArn"] == destination_arn), None
        )

    def _deliveries(self, field: str, value: str) -> list[Any]:
        pages = self._client.get_paginator("describe_deliveries").paginate()
        return [each for page in pages for each in page["deliveries"] if each[field] == value]


def _bucket_of(destination: Any) -> str:
    return str(destination["deliveryDestinationConfiguration"]["destinationResourceArn"])
