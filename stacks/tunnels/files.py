"""The files that hosts download: the program for both kinds of hosts, and its installer."""

from hosts.tunnels.build import installer, program


def files() -> dict[str, bytes]:
    folder = "lambdas/tunnels/files"
    return {f"{folder}/htmlgame-tunnel.pyz": program(), f"{folder}/install.sh": installer()}
