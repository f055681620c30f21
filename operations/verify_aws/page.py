"""The table of checks that make docs writes."""

from collections.abc import Iterator

from operations.verify_aws.commands import checks


def sections() -> dict[str, str]:
    return {"checks": "\n".join(_table())}


def _table() -> Iterator[str]:
    yield "| check | claim | why the laptop cannot show it | a good answer |"
    yield "|---|---|---|---|"
    for each in checks():
        yield f"| {each.name} | {each.claim} | {each.laptop} | {each.good} |"
