"""Log groups: each is declared, and has a retention."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from config import names
from operations.cli.output import counted
from operations.findings import Broken
from operations.verify_aws.account import Account
from operations.verify_aws.check import check

_SERVICES: Final = ("/aws/lambda/", "/aws/http-api/", "/aws/kinesisfirehose/")
_OF_THE_EDGE: Final = f"/aws/cloudfront/function/{names.PROJECT}-"


@check(
    "log groups",
    claim="Every log group keeps lines for the days that config says, and none is undeclared.",
    laptop="On AWS a service makes a log group that is missing, without a tag and for ever.",
    good="Each declared group with its retention, and no other under our names.",
)
def log_groups(account: Account) -> str:
    declared = {
        each.physical_id: each.properties.get("RetentionInDays")
        for each in account.resources("AWS::Logs::LogGroup")
    }
    there = dict(_groups(account.client("logs")))
    problems = [*_unfit(declared, there), *_undeclared(account, declared, there)]
    if problems:
        raise Broken(
            "; ".join(problems), "aws logs put-retention-policy; delete what is undeclared"
        )
    return (
        f"{counted(len(declared), 'group')} with their retention, none undeclared"
        f"{_of_the_edge(account)}"
    )


def _groups(client: Any, **selected: str) -> Iterator[tuple[str, int | None]]:
    pages = client.get_paginator("describe_log_groups").paginate(**selected)
    for group in (each for page in pages for each in page["logGroups"]):
        yield group["logGroupName"], group.get("retentionInDays")


def _unfit(declared: Mapping[str, Any], there: Mapping[str, int | None]) -> Iterator[str]:
    for name, days in declared.items():
        if name not in there:
            yield f"{name} is missing"
        elif there[name] != days:
            kept = "without end" if there[name] is None else f"{there[name]} days"
            yield f"{name} keeps lines {kept}, not {days} days"


def _undeclared(
    account: Account, declared: Mapping[str, Any], there: Mapping[str, int | None]
) -> Iterator[str]:
    """Groups named like ours, or like the functions that the CDK adds to our stacks."""
    ours = tuple(
        f"{service}{owner}-"
        for service in _SERVICES
        for owner in (names.PROJECT, *account.wanted_stacks)
    )
    for name in there:
        if name.startswith(ours) and name not in declared:
            yield f"{name} is undeclared"


def _of_the_edge(account: Account) -> str:
    """CloudFront makes the groups of its functions itself, in us-east-1, and keeps them."""
    client = account.client("logs", "us-east-1")
    kept = len(dict(_groups(client, logGroupNamePrefix=_OF_THE_EDGE)))
    return f"; {counted(kept, 'group')} of CloudFront's own in us-east-1" if kept else ""
