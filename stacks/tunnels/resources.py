"""Builds the control plane: its functions, their grants, and the key that seals private keys."""

from aws_cdk import aws_kms as kms

from config import names, paths
from config.capabilities import tunnels
from config.capabilities.tunnels import Tunnels
from lambdas.tunnels.routes import HOSTS, INSTALL, ROUTES
from lambdas.tunnels.settings import (
    AuthorizeSettings,
    CertificatesSettings,
    ConnectionsSettings,
    HostsSettings,
    PushSettings,
    TunnelsSettings,
)
from stacks.shared.capability_stack import CapabilityStack
from stacks.shared.python_function import PythonFunction
from stacks.shared.stack import outlives_its_stack

_PATH = f"{paths.API_BASE_PATH}{ROUTES.prefix}"


def build(stack: CapabilityStack) -> None:
    key = kms.Key(
        stack,
        "CertificatesKey",
        description="Seals the private keys of tunnels' certificates",
        enable_key_rotation=True,
        removal_policy=outlives_its_stack(stack.settings),
    )
    _api(stack)
    _hosts(stack, key)
    _connections(stack)
    _push(stack)
    _certificates(stack, key)


def _grant(stack: CapabilityStack, function: PythonFunction, *actions: str) -> None:
    table = stack.table_of(tunnels.CAPABILITY, tunnels.TABLE)
    table.grant(function, *(f"dynamodb:{each}" for each in actions))


def _table_name(stack: CapabilityStack) -> str:
    return stack.table_of(tunnels.CAPABILITY, tunnels.TABLE).table_name


def _api(stack: CapabilityStack) -> None:
    function = stack.function(
        tunnels.API,
        TunnelsSettings(
            tunnel_table=_table_name(stack),
            origin_lock_parameter=names.ORIGIN_LOCK,
            tunnels_path=_PATH,
        ),
    )
    _grant(stack, function, "GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem")
    function.allow_origin_lock()
    stack.serve(ROUTES, function, signed_in=True)


def _hosts(stack: CapabilityStack, key: kms.Key) -> None:
    function = stack.function(
        tunnels.HOSTS,
        HostsSettings(
            tunnel_table=_table_name(stack),
            origin_lock_parameter=names.ORIGIN_LOCK,
            tunnels_path=_PATH,
            websocket_url=stack.sockets[0].address,
        ),
    )
    _grant(stack, function, "GetItem", "Query")
    function.allow(["kms:Decrypt"], key.key_arn)
    function.allow_origin_lock()
    stack.serve(HOSTS, function)
    stack.serve(INSTALL, function, base="")


def _connections(stack: CapabilityStack) -> None:
    [socket] = stack.sockets
    authorize = stack.function(
        tunnels.AUTHORIZE, AuthorizeSettings(tunnel_table=_table_name(stack))
    )
    _grant(stack, authorize, "GetItem")
    connect = stack.function(
        tunnels.CONNECT,
        ConnectionsSettings(tunnel_table=_table_name(stack), websocket_url=socket.address),
    )
    _grant(stack, connect, "GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem")
    socket.let_post(connect)
    socket.serve(connect, authorizer=authorize)


def _push(stack: CapabilityStack) -> None:
    [socket] = stack.sockets
    push = stack.function(
        tunnels.PUSH,
        PushSettings(
            tunnel_table=_table_name(stack),
            websocket_url=socket.address,
            certificates_function=tunnels.CERTIFICATES.name,
        ),
    )
    _grant(stack, push, "GetItem", "Query", "UpdateItem", "DeleteItem")
    socket.let_post(push)
    push.allow(["lambda:InvokeFunction"], stack.function_arn(tunnels.CERTIFICATES))
    stack.read_stream(push, "networks", batch_size=100, window_seconds=0)


def _certificates(stack: CapabilityStack, key: kms.Key) -> None:
    settings = stack.settings.settings(Tunnels)
    function = stack.function(
        tunnels.CERTIFICATES,
        CertificatesSettings(
            tunnel_table=_table_name(stack),
            acme_directory=settings.certificate_authority,
            acme_contact=settings.contact,
            acme_key_parameter=tunnels.ACME_KEY,
            kms_key=key.key_arn,
        ),
    )
    _grant(stack, function, "GetItem", "Query", "PutItem", "UpdateItem")
    function.allow(["kms:Encrypt"], key.key_arn)
    function.allow_parameter(tunnels.ACME_KEY, "GetParameter", "PutParameter")
