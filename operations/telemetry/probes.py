"""The telemetry API, asked only for what it refuses before it reads or writes anything."""

from config import names, paths
from operations.doctor.probe import Probe, Question


def probe() -> Probe:
    collection = Question("GET", f"{paths.DATA}/doctor", 401, names.TELEMETRY_DATA)
    return Probe(
        name="telemetry API",
        parameter=names.TELEMETRY_API_ENDPOINT,
        stack=names.TELEMETRY_STACK,
        locked=(
            Question("POST", f"{paths.TELEMETRY}/event", 400, names.TELEMETRY_INGEST),
            collection,
            Question("GET", paths.ANALYTICS_SUMMARY, 401, names.TELEMETRY_ANALYTICS),
        ),
        public=collection,
    )
