"""Builds the function that answers creators with their projects' counters."""

from config import names
from config.capabilities import analytics
from lambdas.analytics.routes import ROUTES
from lambdas.analytics.settings import AnalyticsSettings
from stacks.shared.capability_stack import CapabilityStack


def build(stack: CapabilityStack) -> None:
    counters, projects = stack.table("counters"), stack.table("projects")
    function = stack.function(
        analytics.API,
        AnalyticsSettings(
            telemetry_table=counters.table_name,
            creator_table=projects.table_name,
            origin_lock_parameter=names.ORIGIN_LOCK,
        ),
    )
    counters.grant(function, "dynamodb:Query")
    projects.grant(function, "dynamodb:GetItem")
    function.allow_origin_lock()
    stack.serve(ROUTES, function, signed_in=True)
