"""Whether CloudFormation can create the budget in this region."""

from typing import Final

from config.ops import BUDGET_REGIONS
from operations.deploy.deployment import Deployment, of_type
from operations.findings import Finding, Findings

_BUDGET: Final = "AWS::Budgets::Budget"


def findings(deployment: Deployment) -> Findings:
    ops, region = deployment.environment.ops, deployment.region
    if ops is None or ops.budget_usd is None or region in BUDGET_REGIONS:
        return
    lacking = f"CloudFormation has no budgets in {region}"
    if any(of_type(each, _BUDGET) for each in deployment.assembly.templates.values()):
        yield Finding(
            "broken",
            f"{lacking}, and the templates, synthesised for another region, have one",
            f"export AWS_REGION={region}, then make preflight again",
        )
        return
    yield Finding(
        "note",
        f"{lacking}: the deploy creates none, and nobody is notified when ${ops.budget_usd:g} "
        "are spent",
        "create one in the console, Billing, Budgets; budget_usd=None removes this note",
    )
