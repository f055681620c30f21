"""Archive: everything that games send, kept in S3 for Athena."""

from typing import Annotated, Final

from pydantic import AfterValidator, Field

from config import names
from config.manifest import BilledMetric, Capability, Function, Rule
from config.model import CapabilitySettings, model


def _batch(seconds: int) -> int:
    if not 0 <= seconds <= 300:
        raise ValueError(f"{seconds}; it must be 0 to 300, as long as Lambda gathers a stream")
    return seconds


def _window(seconds: int) -> int:
    if not 60 <= seconds <= 900:
        raise ValueError(
            f"{seconds}; it must be 60 to 900, as long as Firehose gathers what it sorts"
        )
    return seconds


@model
class Archive(CapabilitySettings):
    batch_seconds: Annotated[int, AfterValidator(_batch)] = 60
    """How long the stream is gathered before Firehose receives it."""
    window_seconds: Annotated[int, AfterValidator(_window)] = 300
    """Each window writes one object for each project that sent anything."""
    days: Annotated[int, Field(ge=1)] = 365
    """How long the files are kept."""


FEED: Final = Function(
    id="Writer",
    scope="Archive",
    name=f"{names.PROJECT}-telemetry-archive",
    module="lambdas.telemetry.feed_archive",
    timeout_seconds=120,
)
BRING_BACK: Final = Function(
    id="Returner",
    scope="Archive",
    name=f"{names.PROJECT}-telemetry-archive-return",
    module="lambdas.archive.bring_back",
    timeout_seconds=14 * 60,
    rules=(Rule(id="Hourly", schedule="cron(20 * * * ? *)"),),
)
PRUNE: Final = Function(
    id="Pruner",
    scope="Archive",
    name=f"{names.PROJECT}-telemetry-archive-prune",
    module="lambdas.archive.prune",
    timeout_seconds=14 * 60,
    rules=(Rule(id="Daily", schedule="cron(40 3 * * ? *)"),),
)
BUCKET: Final = names.parameter("telemetry", "archive-bucket")
STREAM: Final = f"{names.PROJECT}-telemetry-archive"
DATABASE: Final = f"{names.PROJECT}_telemetry"
TABLE: Final = "telemetry"
WORKGROUP: Final = f"{names.PROJECT}-telemetry"

LEAST_FIREHOSE_BYTES: Final = 5 * 1024
"""Firehose bills a shorter record as one of this size."""


def _firehose(id: str, metric: str, *prices: tuple[str, float]) -> BilledMetric:
    return BilledMetric(
        id=id,
        namespace="AWS/Firehose",
        metric=metric,
        dimensions={"DeliveryStreamName": STREAM},
        prices=prices,
    )


CAPABILITY: Final = Capability(
    name="archive",
    host="telemetry",
    settings=Archive,
    local=Archive(batch_seconds=1),
    complete=Archive(),
    functions=(FEED, BRING_BACK, PRUNE),
    parameters=(BUCKET,),
    billed=(
        _firehose("rows", "IncomingRecords", ("firehose.ingest", LEAST_FIREHOSE_BYTES / 1e9)),
        _firehose("filed", "DeliveryToS3.Bytes", ("firehose.sorting", 1e-9)),
        _firehose(
            "objects", "DeliveryToS3.ObjectCount", ("firehose.objects", 1.0), ("s3.puts", 1.0)
        ),
    ),
)
