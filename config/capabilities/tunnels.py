"""Tunnels: the control plane of agents, gateways and tunnels on creators' own hosts."""

from typing import Annotated, Final

from pydantic import AfterValidator, Field

from config import names
from config.alarms import DAY, Alarm, Filter
from config.manifest import (
    Capability,
    Endpoint,
    Function,
    Pattern,
    Rule,
    Table,
    own_pattern,
)
from config.model import CapabilitySettings, model
from config.settings import LOCAL_ISSUER, SignIn, Throttle
from config.units import GB, THROUGH_THE_SITE, Usage

LETS_ENCRYPT: Final = "https://acme-v02.api.letsencrypt.org/directory"


def _directory(address: str) -> str:
    if address and not address.startswith("https://"):
        raise ValueError(f"{address!r} is not an https address; empty orders no certificates")
    return address


@model
class Tunnels(SignIn, Throttle, CapabilitySettings):
    requests_per_second: Annotated[float, Field(ge=1)] = 50
    burst: Annotated[int, Field(ge=1)] = 100
    certificate_authority: Annotated[str, AfterValidator(_directory)] = LETS_ENCRYPT
    """The ACME directory that orders certificates. Empty: none are ordered."""
    contact: str = ""
    """The address that the certificate authority may write to."""


ENDPOINT: Final = Endpoint(
    name=f"{names.PROJECT}-tunnels",
    parameter=names.parameter("tunnels", "api-endpoint"),
    origin=f"{names.PROJECT}-tunnels",
    same_origin_only=True,
    authorizer="Creators",
)
CONNECTIONS_ENDPOINT: Final = Endpoint(
    name=f"{names.PROJECT}-tunnels-connections",
    parameter=names.parameter("tunnels", "websocket-url"),
    origin=f"{names.PROJECT}-tunnels-connections",
    kind="WebSocket",
    id="Connections",
)
TABLE: Final = Table(
    id="TunnelTable",
    parameter=names.parameter("tunnels", "table"),
    holds=("networks",),
    streams=True,
    stream_filters=(
        {"eventName": ["INSERT", "MODIFY"], "dynamodb": {"Keys": {"SK": {"S": ["V"]}}}},
    ),
    eraser_may=("GetItem", "Query", "BatchWriteItem"),
)
ACME_KEY: Final = names.parameter("tunnels", "acme-account")
"""The first order writes it."""
CERTIFICATE_KEYS: Final = names.parameter("tunnels", "certificates")
"""Below this path each certificate has a SecureString with its private key."""

API: Final = Function(id="Tunnels", name=f"{names.PROJECT}-tunnels", module="lambdas.tunnels.api")
HOSTS: Final = Function(
    id="Hosts",
    name=f"{names.PROJECT}-tunnels-hosts",
    module="lambdas.tunnels.hosts",
    built_files="stacks.tunnels.files",
)
AUTHORIZE: Final = Function(
    id="Authorize", name=f"{names.PROJECT}-tunnels-authorize", module="lambdas.tunnels.authorize"
)
CONNECT: Final = Function(
    id="Connect", name=f"{names.PROJECT}-tunnels-connections", module="lambdas.tunnels.connections"
)
PUSH: Final = Function(
    id="Push",
    name=f"{names.PROJECT}-tunnels-push",
    module="lambdas.tunnels.push",
    timeout_seconds=60,
)
CERTIFICATES: Final = Function(
    id="Certificates",
    name=f"{names.PROJECT}-tunnels-certificates",
    module="lambdas.tunnels.certificates",
    timeout_seconds=300,
    rules=(Rule(id="CertificatesDue", schedule="rate(15 minutes)"),),
)

_CONFIG_BYTES: Final = 2_000
HEARTBEAT_SECONDS: Final = 240
CONNECTION_MINUTES: Final = 43_200
"""A host that is connected for a month."""
RECONNECT_SECONDS: Final = 7_000
HEARTBEAT: Final = Usage(
    {
        "websocket.messages": 1,
        "lambda.requests": 1,
        "dynamodb.writes": 1,
        "dynamodb.reads": 1,
        "logs.ingest": 500 / GB,
    }
)
"""It refreshes when the host was last seen, and compares versions."""
RECONNECT: Final = Usage(
    {
        "websocket.messages": 3,
        "lambda.requests": 3,
        "dynamodb.writes": 3,
        "dynamodb.reads": 5,
        "logs.ingest": 2_000 / GB,
    }
)
"""Authorizer, connection, introduction with its config, acknowledgement, disconnection."""
HOST_MONTH: Final = (
    Usage({"websocket.minutes": CONNECTION_MINUTES})
    + HEARTBEAT * (CONNECTION_MINUTES * 60 / HEARTBEAT_SECONDS)
    + RECONNECT * (CONNECTION_MINUTES * 60 / RECONNECT_SECONDS)
)
CHANGE: Final = THROUGH_THE_SITE + Usage({"dynamodb.writes": 8, "dynamodb.reads": 4})
"""A tunnel that is added, without its pushes."""
PUSHED: Final = Usage(
    {"websocket.messages": 2, "lambda.requests": 1, "dynamodb.writes": 1, "dynamodb.reads": 2}
)
"""One config to one host, and its acknowledgement."""

CAPABILITY: Final = Capability(
    name="tunnels",
    summary="The control plane of tunnels to creators' own servers.",
    settings=Tunnels,
    local=Tunnels(issuer=LOCAL_ISSUER, certificate_authority=""),
    complete=Tunnels(issuer="https://example.supabase.co/auth/v1", contact="ann@example.com"),
    functions=(API, HOSTS, AUTHORIZE, CONNECT, PUSH, CERTIFICATES),
    tables=(TABLE,),
    endpoints=(ENDPOINT, CONNECTIONS_ENDPOINT),
    patterns=(own_pattern("tunnels"), Pattern(path="/install/*")),
    alarms=(
        Alarm(
            name="tunnels-certificates",
            means="A certificate of a tunnel expires in 14 days or less, and is not renewed.",
            first="read the problem of the domain in htmlgame tunnels certificates.",
            metric="CertificatesExpiring",
            filters=(
                Filter(
                    metric="CertificatesExpiring",
                    groups=(names.function_log_group(CERTIFICATES.name),),
                    pattern="{ $.expiring > 0 }",
                ),
            ),
            period=DAY,
            threshold=1,
        ),
    ),
    units={
        "host, a month": HOST_MONTH,
        "heartbeat": HEARTBEAT,
        "reconnect": RECONNECT,
        "tunnel added": CHANGE,
        "config pushed to one host": PUSHED,
    },
)
