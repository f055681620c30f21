"""Answers for a stack in change when the change has ended: the CDK would ask again in 5 seconds.

A change here takes one or two. A long one is answered as in progress, like AWS does at once.
"""

import asyncio
import time
from typing import Any, Final
from urllib.parse import parse_qs

from ministack.services import cloudformation

_MOST_SECONDS: Final = 8.0
_LOOK_SECONDS: Final = 0.05

_handle_at_once = cloudformation.handle_request


def wait_for_stacks() -> None:
    cloudformation.handle_request = _handle_in_time


async def _handle_in_time(
    method: str, path: str, headers: Any, body: bytes, query: Any
) -> tuple[Any, ...]:
    asked = parse_qs(body.decode("utf-8", errors="replace"))
    if asked.get("Action") == ["DescribeStacks"] and "StackName" in asked:
        until = time.monotonic() + _MOST_SECONDS
        while _is_changing(asked["StackName"][0]) and time.monotonic() < until:
            await asyncio.sleep(_LOOK_SECONDS)
    answer: tuple[Any, ...] = await _handle_at_once(method, path, headers, body, query)
    return answer


def _is_changing(name_or_id: str) -> bool:
    status = next(
        (
            str(stack["StackStatus"])
            for name, stack in cloudformation._stacks.items()
            if name_or_id in (name, stack.get("StackId"))
        ),
        "",
    )
    return status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"
