"""Refusals of changes to agents, gateways and tunnels, and of connections."""

from lambdas.shared.http.errors import (
    Conflict,
    TooMany,
    Unauthorized,
    Unknown,
    Unprocessable,
)


class UnknownHost(Unknown):
    code = "unknown_host"

    def __init__(self, kind: str) -> None:
        super().__init__(f"id: you have no {kind} with this id")


class UnknownTunnel(Unknown):
    code = "unknown_tunnel"

    def __init__(self) -> None:
        super().__init__("id: you have no tunnel with this id")


class UnknownChallenge(Unknown):
    code = "unknown_challenge"

    def __init__(self) -> None:
        super().__init__("no order waits for this challenge")


class UnknownProgram(Unknown):
    code = "unknown_program"

    def __init__(self) -> None:
        super().__init__("no program has this name; /install/control.json names the current one")


class UnknownKey(Unauthorized):
    code = "unknown_key"

    def __init__(self) -> None:
        super().__init__("X-Api-Key: missing, unknown or revoked; rotate the key, then reinstall")


class TooManyHosts(Unprocessable):
    code = "too_many_hosts"

    def __init__(self, kind: str, most: int) -> None:
        super().__init__(f"a creator can have at most {most} {kind}s; delete one first")


class TooManyTunnels(Unprocessable):
    code = "too_many_tunnels"

    def __init__(self, most: int) -> None:
        super().__init__(f"a creator can have at most {most} tunnels; delete one first")


class NoSubnetLeft(Unprocessable):
    code = "no_subnet_left"

    def __init__(self, last: int) -> None:
        super().__init__(
            f"all {last} subnets are in use; a deleted agent's subnet is free after an hour"
        )


class DomainTaken(Conflict):
    code = "domain_taken"

    def __init__(self, domain: str, until: str | None = None) -> None:
        super().__init__(
            f"domain: another of your tunnels has {domain}; delete that one first"
            if until is None
            else f"domain: another creator's tunnel has {domain} and a certificate until {until}; "
            "have that one deleted, or choose another name"
        )


class PortTaken(Conflict):
    code = "port_taken"

    def __init__(self, protocol: str, port: int) -> None:
        super().__init__(f"publicPort: another tunnel has {protocol} port {port}; choose another")


class NoCertificate(Unprocessable):
    code = "no_certificate"

    def __init__(self, protocol: str) -> None:
        super().__init__(f"id: a {protocol} tunnel has no domain and needs no certificate")


class NothingToOrder(Conflict):
    code = "nothing_to_order"

    def __init__(self, domain: str) -> None:
        super().__init__(f"id: the order for {domain} is under way, or has succeeded")


class OrderedTooSoon(TooMany):
    code = "ordered_too_soon"

    def __init__(self, domain: str, seconds: int) -> None:
        super().__init__(f"id: the next order for {domain} is possible in {seconds} s", seconds)


class AgentInUse(Conflict):
    code = "agent_in_use"

    def __init__(self) -> None:
        super().__init__("id: this agent has tunnels; delete them first")


class AddressTaken(Conflict):
    code = "address_taken"

    def __init__(self, address: str) -> None:
        super().__init__(
            f"publicIp: your other gateway has {address}; delete that one or change its address"
        )
