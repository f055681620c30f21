"""What a look at an account finds, as make preflight prints it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

OK: Final = "✓"
NOTE: Final = "!"
NO: Final = "✗"


@dataclass(frozen=True, slots=True)
class Finding:
    mark: str
    told: str
    mend: str = ""

    def __str__(self) -> str:
        return f"{self.mark} {self.told}" + (f"\n  mend: {self.mend}" if self.mend else "")


Findings = Iterator[Finding]
