"""Requests of hosts, installers and certificate authorities."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, Final

import boto3
from aws_lambda_powertools import Logger

from lambdas.shared.aws import CONFIG
from lambdas.shared.http.endpoint import Answer, File, dispatch, endpoint
from lambdas.shared.http.origin_lock import origin_lock
from lambdas.shared.http.requests import Request
from lambdas.shared.keys.published import lock_reader
from lambdas.tunnels import rules
from lambdas.tunnels.addresses import for_connections
from lambdas.tunnels.api_keys import is_key
from lambdas.tunnels.configs import config_for
from lambdas.tunnels.errors import UnknownChallenge, UnknownKey, UnknownProgram
from lambdas.tunnels.records import Gateway, Network
from lambdas.tunnels.routes import HOSTS, INSTALL
from lambdas.tunnels.settings import HostsSettings
from lambdas.tunnels.table import TunnelTable
from lambdas.tunnels.vault import Place, Vault

_FILES: Final = Path(__file__).parent / "files"
_PROGRAM: Final = "htmlgame-tunnel.pyz"
_SCRIPT: Final = "text/x-shellscript; charset=utf-8"
_A_MINUTE: Final = "public, max-age=60"
_FOR_EVER: Final = "public, max-age=31536000, immutable"

settings = HostsSettings.from_environment()
logger = Logger(service="tunnels-hosts")
table = TunnelTable(boto3.client("dynamodb", config=CONFIG), settings.tunnel_table)
vault = Vault(boto3.client("ssm", config=CONFIG), settings.certificate_keys)


def _config(request: Request) -> Answer:
    """The config of the host that has the key, with the private keys of its certificates."""
    key = request.headers.get("x-api-key", "")
    holder = table.holder(key) if is_key(key) else None
    if holder is None:
        raise UnknownKey
    network = table.network(holder.owner)
    host = network.host(holder.kind, holder.id)
    if host is None:
        raise UnknownKey
    config = config_for(host, network)
    if isinstance(host, Gateway):
        config["data"]["certificates"] = _certificates(holder.owner, config["data"], network)
    return Answer(config)


def _certificates(owner: str, data: dict[str, Any], network: Network) -> list[dict[str, str]]:
    """Only of domains that this gateway serves."""
    served = {each["domain"] for each in data["tunnels"]}
    places = {
        Place(owner, each.domain, each.serial): each.chain
        for each in network.certificates
        if each.chain and each.domain in served
    }
    return [
        {"domain": place.domain, "certificate": places[place], "privateKey": private_key}
        for place, private_key in vault.read(places).items()
    ]


def _challenge(request: Request) -> File:
    """Only over a gateway of the creator whose order it is, as the address says.

    Otherwise creators could order certificates for names that lead to gateways of others.
    """
    network = rules.network(request.path["network"])
    domain, token = rules.domain(request.path["domain"]), request.path["token"]
    answer = table.challenge(network, domain, token, request.now_s)
    if answer is None:
        raise UnknownChallenge
    return File(answer.encode(), "application/octet-stream")


def _control(_: Request) -> Answer:
    """What an installed host needs to know about its control plane."""
    return Answer(
        {
            "websocket": for_connections(settings.websocket_url),
            "config": f"{settings.tunnels_path}/control/config",
            "challenge": f"{settings.tunnels_path}/challenge",
            "program": {"path": f"/install/programs/{_program_name()}", "sha256": _digest()},
        },
        cache_control=_A_MINUTE,
    )


def _script(role: str) -> File:
    """The installer, which installs exactly the program that this function has."""
    text = (_FILES / "install.sh").read_text(encoding="utf-8")
    for name, value in {
        "@ROLE@": role,
        "@PROGRAM@": _program_name(),
        "@SHA256@": _digest(),
    }.items():
        text = text.replace(name, value)
    return File(text.encode(), _SCRIPT, cache_control=_A_MINUTE)


def _send_program(request: Request) -> File:
    if request.path["name"] != _program_name():
        raise UnknownProgram
    return File(_program(), "application/zip", cache_control=_FOR_EVER)


@cache
def _program() -> bytes:
    return (_FILES / _PROGRAM).read_bytes()


@cache
def _digest() -> str:
    return hashlib.sha256(_program()).hexdigest()


def _program_name() -> str:
    return f"htmlgame-tunnel-{_digest()[:16]}.pyz"


_HOSTS: Final = {f"hosts {name}": key for name, key in HOSTS.keys(settings.tunnels_path).items()}
_INSTALL: Final = {f"install {name}": key for name, key in INSTALL.keys(INSTALL.prefix).items()}

handler = endpoint(
    dispatch(
        _HOSTS | _INSTALL,
        {
            "hosts config": _config,
            "hosts challenge": _challenge,
            "install agent": lambda _: _script("agent"),
            "install gateway": lambda _: _script("gateway"),
            "install control": _control,
            "install program": _send_program,
        },
    ),
    lock=origin_lock(lock_reader(settings.origin_lock_parameter), logger),
    logger=logger,
    tables=(table,),
)
