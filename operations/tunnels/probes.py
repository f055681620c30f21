"""The API for tunnels, asked only for what it refuses before it reads or writes anything."""

from config.capabilities import tunnels as tunnels_manifest
from config.paths import API_BASE_PATH
from lambdas.tunnels.routes import HOSTS, INSTALL, ROUTES
from operations.doctor.probe import Probe, Question


def probe() -> Probe:
    hosts = tunnels_manifest.HOSTS.name
    return Probe(
        name="tunnels API",
        parameter=tunnels_manifest.ENDPOINT.parameter,
        stack=tunnels_manifest.CAPABILITY.stack,
        locked=(
            Question("GET", HOSTS.path("config", API_BASE_PATH), 401, hosts),
            Question(
                "GET",
                ROUTES.path("overview", API_BASE_PATH),
                401,
                tunnels_manifest.API.name,
            ),
        ),
        public=Question("GET", INSTALL.path("control", ""), 200, hosts),
    )
