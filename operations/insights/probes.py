"""The API of Insights."""

from config import paths
from config.capabilities import insights
from operations.doctor.probe import Probe, Question


def probe() -> Probe:
    """Without a key both are refused, which shows that the function answers."""
    usage = Question("GET", f"{paths.API_BASE_PATH}/insights/usage", 401, insights.API.name)
    return Probe(
        name="insights API",
        parameter=insights.ENDPOINT.parameter,
        stack=insights.CAPABILITY.stack,
        locked=(usage,),
        public=usage,
    )
