"""Retries what DynamoDB leaves unprocessed of a batch."""

import random
from collections.abc import Callable, Sized
from typing import TypeVar

Left = TypeVar("Left", bound=Sized)


def sent_again(
    requests: Left,
    send: Callable[[Left], Left],
    *,
    tries: int,
    first_pause_s: float,
    wait: Callable[[float], None],
) -> Left:
    """Returns what is left after the last try. Pauses grow, and vary to spread out the writers."""
    for attempt in range(tries):
        if not requests:
            break
        if attempt:
            wait(first_pause_s * 2**attempt * random.uniform(0.5, 1))
        requests = send(requests)
    return requests
