"""A domain of your own, for the site that FrontStack makes."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator

from config.model import model

_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME: Final = re.compile(rf"(?:\*\.)?(?:{_LABEL}\.)+[a-z]{{2,63}}")
_CERTIFICATE: Final = re.compile(r"arn:aws:acm:us-east-1:\d{12}:certificate/[0-9a-f-]{36}")


def _names(names: tuple[str, ...]) -> tuple[str, ...]:
    if not names:
        raise ValueError("empty; name at least one, or set domain to None")
    for name in names:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not a domain's name, such as games.example.com")
    return names


def _certificate(arn: str) -> str:
    if not _CERTIFICATE.fullmatch(arn):
        raise ValueError(
            f"{arn!r} is not the ARN of an ACM certificate in us-east-1; CloudFront takes none of "
            "another region"
        )
    return arn


@model
class Domain:
    names: Annotated[tuple[str, ...], AfterValidator(_names)]
    """The site's names, such as games.example.com."""
    certificate: Annotated[str, AfterValidator(_certificate)]
    """The ARN of an issued ACM certificate for all names, in us-east-1 where CloudFront looks."""
