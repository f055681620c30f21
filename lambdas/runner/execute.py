"""Runs one function's source. Its role may write its own log and nothing else."""

from typing import Any

from aws_lambda_powertools import Logger

from lambdas.runner.sandbox import check, run

logger = Logger(service="sandbox")
# The first run compiles the engine, while Lambda's start gives a whole processor.
run("function handler() { return 1 }", "null", "null")


def handler(event: dict[str, str], _context: Any) -> dict[str, Any]:
    """Without an input, the source is checked and its handler is not called."""
    source = event["source"]
    given = (event["input"], event["context"]) if "input" in event else None
    ran = run(source, *given, player=event.get("player", "null")) if given else check(source)
    failed = ran.failed
    logger.info(
        "ran",
        code=failed.code if failed else "",
        ms=ran.ms,
        cpu_ms=ran.cpu_ms,
        memory_kb=ran.memory_kb,
    )
    return {
        "answer": None if failed else ran.answer,
        "code": failed.code if failed else "",
        "message": failed.message if failed else "",
        "stack": failed.stack if failed else "",
        "logs": [list(each) for each in ran.logs],
        "ms": ran.ms,
        "cpuMs": ran.cpu_ms,
        "memoryKb": ran.memory_kb,
    }
