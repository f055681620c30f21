"""Builds the control plane: its functions and their grants."""

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
from stacks.shared.acknowledge import acknowledge_wildcards
from stacks.shared.capability_stack import CapabilityStack
from stacks.shared.python_function import PythonFunction

_PATH = f"{paths.API_BASE_PATH}{ROUTES.prefix}"


def build(stack: CapabilityStack) -> None:
    _api(stack)
    _hosts(stack)
    _connections(stack)
    _push(stack)
    _certificates(stack)


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
            certificates_function=tunnels.CERTIFICATES.name,
        ),
    )
    _grant(stack, function, "GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem")
    function.allow(["lambda:InvokeFunction"], stack.function_arn(tunnels.CERTIFICATES))
    function.allow_origin_lock()
    stack.serve(ROUTES, function, signed_in=True)


def _hosts(stack: CapabilityStack) -> None:
    function = stack.function(
        tunnels.HOSTS,
        HostsSettings(
            tunnel_table=_table_name(stack),
            origin_lock_parameter=names.ORIGIN_LOCK,
            tunnels_path=_PATH,
            websocket_url=stack.sockets[0].address,
            certificate_keys=tunnels.CERTIFICATE_KEYS,
        ),
    )
    _grant(stack, function, "GetItem", "Query")
    _allow_keys(stack, function, "GetParameters")
    function.allow_origin_lock()
    stack.serve(HOSTS, function)
    stack.serve(INSTALL, function, base="")


def _allow_keys(stack: CapabilityStack, function: PythonFunction, *actions: str) -> None:
    arn = stack.parameter_arn(f"{tunnels.CERTIFICATE_KEYS}/*")
    function.allow([f"ssm:{each}" for each in actions], arn)
    acknowledge_wildcards(function.own_role, [arn], "Certificates come without a deploy.")


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


def _certificates(stack: CapabilityStack) -> None:
    settings = stack.settings.settings(Tunnels)
    function = stack.function(
        tunnels.CERTIFICATES,
        CertificatesSettings(
            tunnel_table=_table_name(stack),
            acme_directory=settings.certificate_authority,
            acme_contact=settings.contact,
            acme_key_parameter=tunnels.ACME_KEY,
            certificate_keys=tunnels.CERTIFICATE_KEYS,
        ),
    )
    _grant(stack, function, "GetItem", "Query", "PutItem", "UpdateItem")
    _allow_keys(stack, function, "PutParameter", "DeleteParameters")
    _allow_keys(stack, function, "GetParametersByPath")
    function.allow(["ssm:GetParametersByPath"], stack.parameter_arn(tunnels.CERTIFICATE_KEYS))
    function.allow_parameter(tunnels.ACME_KEY, "GetParameter", "PutParameter")
