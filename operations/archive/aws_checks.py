"""The Firehose stream of the archive."""

from operations.findings import Broken
from operations.verify_aws.account import Account
from operations.verify_aws.check import check
from operations.verify_aws.needs import capability


@check(
    "archive",
    claim="Firehose takes what the archive's writer hands it.",
    laptop="The emulator's Firehose neither sorts by partition nor compresses.",
    good="ACTIVE. Objects appear under project=… five minutes after the first event.",
    needs=(capability("archive"),),
)
def archive(account: Account) -> str:
    [stream] = account.resources("AWS::KinesisFirehose::DeliveryStream")
    found = account.client("firehose").describe_delivery_stream(
        DeliveryStreamName=stream.physical_id
    )["DeliveryStreamDescription"]
    status = found["DeliveryStreamStatus"]
    if status != "ACTIVE":
        raise Broken(f"{stream.physical_id} is {status}", "make deploy")
    return f"{stream.physical_id} is ACTIVE"
