"""Failures in the functions' logs, and the groups that equal ones make."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lambdas.insights.catalogue import language_title
from lambdas.shared.values import scrubbing

_LONGEST_MESSAGE: Final = 500
_LONGEST_STACK: Final = 4000
_LONGEST_CONTEXT: Final = 2000
_LONGEST_READ: Final = 20_000
"""Characters of a text that are looked at."""
_MARKS: Final = 20
"""The batches that a group remembers. A repeated delivery follows the first within minutes."""
_RUNTIME: Final = re.compile(r"\[ERROR\]\s+([A-Za-z_][\w.]*)(?::\s*(.*))?", re.DOTALL)
_TIMEOUT: Final = re.compile(r"([0-9a-f-]{36}) Task timed out after ([\d.]+) seconds")
_FRAME: Final = re.compile(r'File "([^"]+)", line \d+, in (\S+)')
_VARIABLE: Final = re.compile(r"[0-9a-f]{8,}|\d+")
_NOT_CONTEXT: Final = {
    "level",
    "message",
    "timestamp",
    "exception",
    "exception_name",
    "stack_trace",
    "request_id",
    "edge_id",
    "function_request_id",
}


_OURS: Final = frozenset(
    {
        *("service", "said", "location", "function_name", "capability", "operation", "cause"),
        *("game", "period"),
    }
)
"""Fields whose texts are of our code or of a maker's config."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    fn: str
    code: str
    message: str
    ms: int
    stack: str = ""
    context: str = "{}"
    """JSON."""
    request_id: str = ""
    """Lambda's id of the invocation."""
    edge_id: str = ""
    """CloudFront's id of the request, by which its row is found."""

    @property
    def fingerprint(self) -> str:
        """Equal for failures of the same frames, whatever the line numbers and values."""
        frames = _FRAME.findall(self.stack)
        where = repr(frames) if frames else _VARIABLE.sub("#", self.message)
        return hashlib.sha256(f"{self.code}\0{where}".encode()).hexdigest()[:12]


@dataclass(slots=True)
class Group:
    fn: str
    code: str
    fingerprint: str
    times: int = 0
    first_ms: int = 0
    last_ms: int = 0
    sample: Failure | None = None
    """The newest failure."""
    seen: list[str] = field(default_factory=list)
    """Marks of the batches that are counted."""

    def add(self, failures: list[Failure], mark: str) -> bool:
        """False where this batch was added before."""
        if mark in self.seen:
            return False
        newest = max(failures, key=lambda each: each.ms)
        oldest = min(each.ms for each in failures)
        self.first_ms = min(self.first_ms, oldest) if self.times else oldest
        if self.sample is None or newest.ms >= self.last_ms:
            self.sample, self.last_ms = newest, newest.ms
        self.times += len(failures)
        self.seen = [*self.seen, mark][-_MARKS:]
        return True

    def to_json(self) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "code": self.code,
            "fingerprint": self.fingerprint,
            "times": self.times,
            "firstMs": self.first_ms,
            "lastMs": self.last_ms,
        }
        if self.sample is not None:
            shown["sample"] = {
                "message": self.sample.message,
                "stack": self.sample.stack,
                "context": json.loads(self.sample.context),
                "requestId": self.sample.request_id,
                "edgeId": self.sample.edge_id,
            }
        return shown


def failure_of(log_group: str, message: str, ms: int) -> Failure | None:
    """None where the line reports no failure of the function."""
    fn = function_of(log_group)
    try:
        said = json.loads(message)
    except ValueError:
        return _in_words(fn, message, ms)
    if not isinstance(said, dict) or said.get("level") not in ("ERROR", "CRITICAL"):
        return None
    text = str(said.get("message", ""))
    trace = str(said.get("exception") or "")[-_LONGEST_READ:]
    code = str(said.get("exception_name") or _slug(text[:_LONGEST_MESSAGE]))
    return Failure(
        fn=fn,
        code=scrubbing.forms(code[:64]),
        message=_message(_last_line(trace) or text),
        ms=ms,
        stack=_stack(trace),
        context=_context({**said, "said": text}),
        request_id=str(said.get("request_id") or said.get("function_request_id") or "")[:64],
        edge_id=str(said.get("edge_id") or "")[:100],
    )


def function_of(log_group: str) -> str:
    return language_title("python", log_group.rpartition("/")[2].removeprefix("htmlgame-"))


def _in_words(fn: str, message: str, ms: int) -> Failure | None:
    """What Lambda itself writes, when a function ends without a line of its own."""
    if found := _TIMEOUT.search(message):
        return Failure(
            fn=fn,
            code="timeout",
            message=f"the function ran out of time after {found[2]} seconds",
            ms=ms,
            request_id=found[1],
        )
    if found := _RUNTIME.search(message):
        said = (found[2] or "").strip()
        return Failure(
            fn=fn,
            code=found[1][:64],
            message=_message(said.split("\n")[0]),
            ms=ms,
            stack=_stack(said[-_LONGEST_READ:]),
        )
    return None


def _message(text: str) -> str:
    """Scrubbed before it is cut: a form that is cut in two is not recognised."""
    return scrubbing.values(text[:_LONGEST_READ])[:_LONGEST_MESSAGE]


def _stack(text: str) -> str:
    """The end, where the failure is."""
    return scrubbing.stack(text)[-_LONGEST_STACK:]


def _slug(text: str) -> str:
    """Without values, which would make a group of each."""
    return re.sub(r"[^a-z]+", "_", scrubbing.values(text).lower()).strip("_") or "error"


def _last_line(exception: object) -> str:
    """The exception's own message, which ends its traceback."""
    lines = str(exception or "").strip().splitlines()
    return lines[-1] if lines else ""


def _context(said: Mapping[str, Any]) -> str:
    kept: dict[str, Any] = {}
    told = {name: value for name, value in said.items() if name not in _NOT_CONTEXT}
    for name, value in scrubbing.fields(told, ours=_OURS).items():
        longer = json.dumps(kept | {name: value}, default=str)
        if len(longer) <= _LONGEST_CONTEXT:
            kept[name] = value
    return json.dumps(kept, default=str)
