"""The telemetry API, asked only for what it refuses before it reads or writes anything."""

from config.capabilities import analytics as analytics_manifest
from config.capabilities import data as data_manifest
from config.capabilities import telemetry as telemetry_manifest
from config.paths import API_BASE_PATH
from lambdas.analytics.routes import ROUTES as ANALYTICS
from lambdas.data.routes import ROUTES as DATA
from lambdas.telemetry.routes import ROUTES as TELEMETRY
from operations.doctor.probe import Probe, Question


def probe() -> Probe:
    collection = Question(
        "GET",
        DATA.path("list", API_BASE_PATH).format(collection="doctor"),
        401,
        data_manifest.API.name,
    )
    return Probe(
        name="telemetry API",
        parameter=telemetry_manifest.ENDPOINT.parameter,
        stack=telemetry_manifest.CAPABILITY.stack,
        locked=(
            Question(
                "POST", TELEMETRY.path("event", API_BASE_PATH), 400, telemetry_manifest.INGEST.name
            ),
            collection,
            Question(
                "GET", ANALYTICS.path("summary", API_BASE_PATH), 401, analytics_manifest.API.name
            ),
        ),
        public=collection,
    )
