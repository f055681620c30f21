"""The telemetry API, asked only for what it refuses before it reads or writes anything."""

from config import paths
from config.capabilities import analytics as analytics_manifest
from config.capabilities import data as data_manifest
from config.capabilities import telemetry as telemetry_manifest
from operations.doctor.probe import Probe, Question


def probe() -> Probe:
    collection = Question("GET", f"{paths.DATA}/doctor", 401, data_manifest.API.name)
    return Probe(
        name="telemetry API",
        parameter=telemetry_manifest.ENDPOINT.parameter,
        stack=telemetry_manifest.CAPABILITY.stack,
        locked=(
            Question("POST", f"{paths.TELEMETRY}/event", 400, telemetry_manifest.INGEST.name),
            collection,
            Question("GET", paths.ANALYTICS_SUMMARY, 401, analytics_manifest.API.name),
        ),
        public=collection,
    )
