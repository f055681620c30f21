"""Calls the function that runs strangers' code."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambdas.shared.http.errors import Busy

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient


@dataclass(frozen=True, slots=True)
class Outcome:
    answer: str | None
    """JSON; None where the run failed."""
    code: str
    message: str
    stack: str
    logs: tuple[tuple[str, str], ...]
    ms: float
    memory_kb: int


class Sandbox:
    def __init__(self, client: "LambdaClient", function: str) -> None:
        self._client = client
        self._function = function

    def run(self, source: str, given: str, context: str) -> Outcome:
        event = {"source": source, "input": given, "context": context}
        answer = self._client.invoke(
            FunctionName=self._function, Payload=json.dumps(event).encode()
        )
        said: Any = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise Busy("the sandbox failed; send the same request again in a second")
        return Outcome(
            answer=said["answer"],
            code=said["code"],
            message=said["message"],
            stack=said["stack"],
            logs=tuple((level, text) for level, text in said["logs"]),
            ms=said["ms"],
            memory_kb=said["memoryKb"],
        )
