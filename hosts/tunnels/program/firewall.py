"""Lets the tunnel reach the ports of tunnels and nothing else of this host or its network."""

from __future__ import annotations

from .commands import has, run

_TABLE = "htmlgame_%s"


def available() -> bool:
    return has("nft")


def rules(interface: str, tcp: list[int], udp: list[int]) -> str:
    """A table that replaces the one before it in one step."""
    table = _TABLE % interface.replace("-", "_")
    allowed = [
        "tcp dport {{ {} }} accept".format(", ".join(map(str, tcp))) if tcp else "",
        "udp dport {{ {} }} accept".format(", ".join(map(str, udp))) if udp else "",
    ]
    lines = [
        f"table inet {table} {{}}",
        f"delete table inet {table}",
        f"table inet {table} {{",
        "  chain input {",
        "    type filter hook input priority 0; policy accept;",
        f'    iifname != "{interface}" accept',
        "    ct state established,related accept",
        *("    " + each for each in allowed if each),
        "    drop",
        "  }",
        "  chain forward {",
        "    type filter hook forward priority 0; policy accept;",
        f'    iifname "{interface}" drop',
        "  }",
        "}",
    ]
    return "\n".join(lines) + "\n"


def apply(interface: str, tcp: list[int], udp: list[int]) -> None:
    run("nft", "-f", "-", given=rules(interface, sorted(tcp), sorted(udp)))


def remove(interface: str) -> None:
    table = _TABLE % interface.replace("-", "_")
    run("nft", "-f", "-", given=f"table inet {table} {{}}\ndelete table inet {table}\n")
