"""Heals the distribution where its owning stack, which does not know of us, wiped our part."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from lambdas.edge.patch import Patcher
from lambdas.edge.settings import PatchSettings

settings = PatchSettings.from_environment()
logger = Logger(service="drift-guard")
metrics = Metrics(namespace="htmlgame", service="edge")
patcher = Patcher(settings, logger)


@metrics.log_metrics
def handler(_event: dict[str, Any], _context: Any) -> dict[str, Any]:
    healed = patcher.apply().changes
    metrics.add_metric(name="DriftHealed", unit=MetricUnit.Count, value=len(healed))
    return {"healed": list(healed)}
