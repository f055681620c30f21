"""Batches of which DynamoDB takes a part: the rest is sent again."""

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
    """What is left after so many tries. Pauses grow, and differ so that writers spread out."""
    for attempt in range(tries):
        if not requests:
            break
        if attempt:
            wait(first_pause_s * 2**attempt * random.uniform(0.5, 1))
        requests = send(requests)
    return requests
