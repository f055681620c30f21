"""Applies the rules of .prose/ to documents, with textlint."""

import json
import re
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from shutil import which
from typing import Any, Final

import yaml

from local.bootstrap import ROOT
from tests.prose.documents import Document

RULES: Final = ROOT / ".prose"
_LINT: Final = Path(__file__).with_name("lint.mjs")


class ProseError(Exception):
    """The linter itself failed."""


@dataclass(frozen=True)
class Complaint:
    document: Document
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.document.where(self.line)}: {self.message}"


def data(name: str) -> Any:
    return yaml.safe_load((RULES / f"{name}.yaml").read_text(encoding="utf-8"))


def compiled() -> dict[str, Any]:
    """The rules in the form that rule.mjs takes."""
    return {
        "english": [_pattern(rule, "giu") for rule in data("english")],
        "japanese": [_pattern(rule, "gu") for rule in data("japanese")],
        "terms": [
            {"pattern": rule["not"], "flags": "gu", "use": f"write {rule['term']}"}
            for rule in data("terms")
        ],
        "words": data("scope")["words_per_sentence"],
    }


def _pattern(rule: dict[str, Any], flags: str) -> dict[str, Any]:
    pattern = rule.get("pattern") or rf"\b(?:{'|'.join(map(re.escape, rule['words']))})\b"
    unless = {"unless": rule["unless"].replace(" ", r"\s+")} if "unless" in rule else {}
    spaced = pattern.replace("\\ ", " ").replace(" ", r"\s+")
    return {**rule, "pattern": spaced, "flags": flags, **unless}


def lint(documents: Sequence[Document]) -> list[Complaint]:
    request = {"rules": compiled(), "documents": [each.text for each in documents]}
    answer = subprocess.run(
        [which("node") or "node", str(_LINT)],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        raise ProseError(answer.stderr)
    return [
        Complaint(documents[each["document"]], each["line"], each["message"])
        for each in json.loads(answer.stdout)
    ]


def files() -> list[Path]:
    """Every file in the scope that is not left out."""
    scope = data("scope")
    patterns = [*scope["pages"], *scope["sources"]]
    left_out = scope["unchecked"]
    found = {path for pattern in patterns for path in ROOT.glob(pattern)}
    return sorted(path for path in found if not _matches(path, left_out) and not _built(path))


def _matches(path: Path, patterns: Iterable[str]) -> bool:
    name = str(path.relative_to(ROOT))
    return any(fnmatch(name, pattern.replace("**/", "*")) for pattern in patterns)


def _built(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    return any(part.startswith(".") or part == "node_modules" for part in parts)
