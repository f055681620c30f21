"""A domain of your own, for the site that FrontStack makes."""

import re
from dataclasses import dataclass
from typing import Final

_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME: Final = re.compile(rf"(?:\*\.)?(?:{_LABEL}\.)+[a-z]{{2,63}}")
_CERTIFICATE: Final = re.compile(r"arn:aws:acm:us-east-1:\d{12}:certificate/[0-9a-f-]{36}")


class DomainConfigError(Exception):
    """What is wrong with `domain` in config/environments.py, by field."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"config/environments.py: domain.{field}: {problem}")


@dataclass(frozen=True, kw_only=True)
class Domain:
    names: tuple[str, ...]
    """What the site is called, such as games.example.com."""
    certificate: str
    """The ARN of an issued ACM certificate for all of them, in us-east-1 where CloudFront looks."""

    def check(self) -> None:
        if not self.names:
            raise DomainConfigError("names", "empty; name at least one, or set domain to None")
        for name in self.names:
            if not _NAME.fullmatch(name):
                raise DomainConfigError(
                    "names", f"{name!r} is not a domain's name, such as games.example.com"
                )
        if not _CERTIFICATE.fullmatch(self.certificate):
            raise DomainConfigError(
                "certificate",
                f"{self.certificate!r} is not the ARN of an ACM certificate in us-east-1; "
                "CloudFront takes none of another region",
            )
