"""Pebble, a certificate authority for tests, in the lab; and how control reaches it."""

import asyncio
import datetime as dt
import ipaddress
import json
import shutil
import socket
import ssl
import threading
import urllib.request
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from local.cloud import Cloud, free_port
from tests.e2e.hosts import ADDRESSES, InNamespace, Lab, until
from tests.engines import require

_CONFIG: Final = {
    "listenAddress": "0.0.0.0:14000",
    "managementListenAddress": "0.0.0.0:15000",
    "httpPort": 80,
    "tlsPort": 443,
    "ocspResponderURL": "",
    "externalAccountBindingRequired": False,
}
_DNS: Final = f"{ADDRESSES['ca']}:8053"


class Authority:
    """Serves ACME at a port of this machine. Its validation happens in the lab."""

    def __init__(self, lab: Lab) -> None:
        require(
            shutil.which("pebble") and shutil.which("pebble-challtestsrv"),
            "no pebble: apt-get install pebble",
        )
        self._lab = lab
        self.port, self.management = free_port(), free_port()
        self.own_root = lab.folder / "pebble.pem"
        self._proxy = _Proxy(lab)

    def start(self) -> None:
        key = _write_certificate(self.own_root, self._lab.folder / "pebble.key")
        config = self._lab.folder / "pebble.json"
        files = {"certificate": str(self.own_root), "privateKey": str(key)}
        config.write_text(json.dumps({"pebble": _CONFIG | files}))
        self._lab.start(
            "ca", "pebble-challtestsrv", "-http01", "", "-https01", "", "-tlsalpn01", "",
            "-dns01", _DNS, "-management", ":8055", "-defaultIPv4", "", "-defaultIPv6", "",
        )  # fmt: skip
        self._lab.start(
            "ca", "pebble", "-config", str(config), "-dnsserver", _DNS, PEBBLE_VA_NOSLEEP="1"
        )
        inside, ca = self._lab.namespace("ca"), ADDRESSES["ca"]
        for port, there in ((self.port, 14000), (self.management, 15000)):
            self._lab.relays.add((None, "127.0.0.1", port), (inside, ca, there))
        self._proxy.start()
        until(self.root, 15, "pebble answers")
        # Gateways redirect challenges to control, which has this name here.
        self._record("localhost", "127.0.0.1")

    def root(self) -> Path | None:
        """The root that it signs with."""
        context = ssl.create_default_context(cafile=str(self.own_root))
        try:
            address = f"https://127.0.0.1:{self.management}/roots/0"
            with urllib.request.urlopen(address, timeout=3, context=context) as answer:
                content = answer.read()
        except OSError:
            return None
        file = self._lab.folder / "root.pem"
        file.write_bytes(content)
        return file

    def point(self, domain: str, *hosts: str) -> None:
        """The domain's A records."""
        self._record(domain, *(ADDRESSES[each] for each in hosts))
        self._proxy.hosts[domain] = ADDRESSES[hosts[0]]

    def _record(self, name: str, *addresses: str) -> None:
        record = json.dumps({"host": name, "addresses": addresses})
        self._lab.run("ca", "curl", "-s", "-d", record, "http://127.0.0.1:8055/add-a")

    def serve(self, cloud: Cloud, function: str) -> None:
        """Has control's function order here."""
        client = cloud.client("lambda")
        given = client.get_function_configuration(FunctionName=function)["Environment"]
        more = {
            "ACME_DIRECTORY": f"https://127.0.0.1:{self.port}/dir",
            "SSL_CERT_FILE": str(self.own_root),
            "http_proxy": f"http://127.0.0.1:{self._proxy.port}",
            "no_proxy": "127.0.0.1,localhost",
        }
        client.update_function_configuration(
            FunctionName=function, Environment={"Variables": given["Variables"] | more}
        )


class _Proxy:
    """Stands in for the internet: forwards plain HTTP to where a domain points."""

    def __init__(self, lab: Lab) -> None:
        self.port = free_port()
        self.hosts: dict[str, str] = {}
        self._lab = lab
        self._loop = asyncio.new_event_loop()

    def start(self) -> None:
        self._inside = InNamespace(self._lab.namespace("ca"))
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._serve, "127.0.0.1", self.port), self._loop
        ).result(5)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, _, rest = head.partition("\r\n")
        method, address, _ = first.split(" ")
        host, _, path = address.removeprefix("http://").partition("/")
        try:
            answer = await self._loop.run_in_executor(
                None, self._asked, host, f"{method} /{path} HTTP/1.0\r\n{rest}"
            )
        except OSError:
            answer = b"HTTP/1.0 502 Bad Gateway\r\n\r\n"
        writer.write(answer)
        await writer.drain()
        writer.close()

    def _asked(self, host: str, text: str) -> bytes:
        if host not in self.hosts:
            raise OSError(f"{host} points nowhere")
        made: Any = self._inside.call(socket.create_connection, (self.hosts[host], 80), 5)
        with made:
            made.sendall(text.encode())
            return b"".join(iter(lambda: made.recv(65536), b""))


def _write_certificate(file: Path, key_file: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "pebble")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )
    return key_file
