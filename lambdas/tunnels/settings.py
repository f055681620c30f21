"""The settings of the functions for tunnels."""

from dataclasses import dataclass

from lambdas.shared.settings import Settings, such_as


@dataclass(frozen=True, kw_only=True)
class TunnelsSettings(Settings):
    """Creators' requests."""

    tunnel_table: str
    origin_lock_parameter: str
    tunnels_path: str
    certificates_function: str


@dataclass(frozen=True, kw_only=True)
class HostsSettings(Settings):
    """Requests of hosts, installers and certificate authorities."""

    tunnel_table: str
    origin_lock_parameter: str
    tunnels_path: str
    websocket_url: str = such_as("wss://example.com/prod")
    certificate_keys: str


@dataclass(frozen=True, kw_only=True)
class AuthorizeSettings(Settings):
    tunnel_table: str


@dataclass(frozen=True, kw_only=True)
class ConnectionsSettings(Settings):
    """Of the function that answers connections and their messages."""

    tunnel_table: str
    websocket_url: str = such_as("wss://example.com/prod")


@dataclass(frozen=True, kw_only=True)
class PushSettings(ConnectionsSettings):
    certificates_function: str


@dataclass(frozen=True, kw_only=True)
class CertificatesSettings(Settings):
    tunnel_table: str
    acme_directory: str
    acme_contact: str
    acme_key_parameter: str
    certificate_keys: str


@dataclass(frozen=True, kw_only=True)
class ErasableSettings(Settings):
    tunnel_table: str
