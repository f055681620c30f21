"""Subnets of agents: 10.1.0.0/24 to 10.254.0.0/24 first, then 10.1.1.0/24 and on."""

from typing import Final

FIRST_BLOCK: Final = 254
"""Subnets of one block share their third octet."""
BLOCKS: Final = 256
LAST: Final = FIRST_BLOCK * BLOCKS
AGENT_OCTET: Final = 100
MOST_GATEWAYS: Final = 99
"""Gateways have the octets below the agent's."""
FREE_AGAIN_SECONDS: Final = 3600
"""Every gateway and agent has applied the deletion by then."""


def block_of(number: int) -> int:
    return (number - 1) // FIRST_BLOCK


def numbers_of(block: int) -> range:
    first = block * FIRST_BLOCK + 1
    return range(first, first + FIRST_BLOCK)


def subnet(number: int) -> str:
    return f"{_base(number)}0/24"


def virtual_ip(number: int) -> str:
    """The agent's address."""
    return f"{_base(number)}{AGENT_OCTET}"


def gateway_ip(number: int, octet: int) -> str:
    """A gateway's address in the subnet."""
    return f"{_base(number)}{octet}"


def _base(number: int) -> str:
    if not 1 <= number <= LAST:
        raise ValueError(f"subnet {number}: not from 1 to {LAST}")
    third, second = divmod(number - 1, FIRST_BLOCK)
    return f"10.{second + 1}.{third}."
