"""Calls the function that runs strangers' code."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.config import Config
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from lambdas.shared.http.errors import Busy

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient


PATIENCE: Final = Config(connect_timeout=1, read_timeout=10, retries={"total_max_attempts": 1})
"""A cold start compiles the engine. A run is not repeated by itself: it may have been counted."""
_FAILED: Final = "the sandbox failed; send the same request again in a second"


@dataclass(frozen=True, slots=True)
class Outcome:
    answer: str | None
    """JSON; None where the run failed."""
    code: str
    message: str
    stack: str
    logs: tuple[tuple[str, str], ...]
    ms: float
    cpu_ms: float
    memory_kb: int

    @property
    def measured(self) -> dict[str, int]:
        """For the hourly counts of Insights: kilobytes, and microseconds of the processor."""
        return {"kb": self.memory_kb, "cpu": round(self.cpu_ms * 1000)}


class Sandbox:
    def __init__(self, client: "LambdaClient", function: str) -> None:
        self._client = client
        self._function = function

    def run(self, source: str, given: str, context: str, player: str = "") -> Outcome:
        """The handler gets the player's id as its third argument; null where no player asks."""
        said = {"source": source, "input": given, "context": context}
        return self._call(said | {"player": json.dumps(player or None)})

    def check(self, source: str) -> Outcome:
        """Runs all but the handler."""
        return self._call({"source": source})

    def _call(self, event: dict[str, str]) -> Outcome:
        try:
            answer = self._client.invoke(
                FunctionName=self._function, Payload=json.dumps(event).encode()
            )
            said: Any = json.loads(answer["Payload"].read())
        except self._client.exceptions.TooManyRequestsException:
            raise Busy from None
        except (ConnectTimeoutError, ReadTimeoutError):
            raise Busy(_FAILED) from None
        if answer.get("FunctionError"):
            raise Busy(_FAILED)
        return Outcome(
            answer=said["answer"],
            code=said["code"],
            message=said["message"],
            stack=said["stack"],
            logs=tuple((level, text) for level, text in said["logs"]),
            ms=said["ms"],
            cpu_ms=said["cpuMs"],
            memory_kb=said["memoryKb"],
        )
