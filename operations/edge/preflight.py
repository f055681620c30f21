"""Whether the distribution exists, accepts the patch, and is on a plan that allows it."""

import re
from collections.abc import Generator
from dataclasses import replace
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from config import names
from config.prices import Plan, price_table
from lambdas.edge.distribution import Distribution
from lambdas.edge.patch_plan import PatchRefusedError, plan_patch
from operations.account.parameters import read_parameter
from operations.deploy.deployment import Deployment, short
from operations.edge.live_distribution import notices
from operations.edge.patch import wanted
from operations.findings import Finding, Findings, State

_DISTRIBUTION: Final = re.compile(r"E[A-Z0-9]{6,20}")
_PLANS_REGION: Final = "us-east-1"


def findings(deployment: Deployment) -> Findings:
    distribution_id = read_parameter(names.DISTRIBUTION_ID, deployment.client)
    if deployment.environment.own_site:
        yield from _own_site(deployment, distribution_id)
    elif distribution_id is None:
        yield Finding(
            "broken",
            f"own_site=False, and no distribution's id in {names.DISTRIBUTION_ID}",
            f"aws ssm put-parameter --type String --name {names.DISTRIBUTION_ID} --value E…",
        )
    else:
        yield from _distribution(deployment, distribution_id)


def _own_site(deployment: Deployment, distribution_id: str | None) -> Findings:
    if distribution_id is None:
        yield Finding("ok", "the site: this deploy creates a bucket and a distribution")
    elif deployment.status(names.FRONT_STACK) is None:
        yield Finding(
            "broken",
            f"{names.DISTRIBUTION_ID} names {distribution_id}, which FrontStack did not create "
            "and would conflict with",
            "own_site=False in config/environments.py to use that distribution, or "
            f"aws ssm delete-parameter --name {names.DISTRIBUTION_ID}",
        )
    else:
        yield from _distribution(deployment, distribution_id)


def _distribution(deployment: Deployment, distribution_id: str) -> Findings:
    if not deployment.environment.is_local and not _DISTRIBUTION.fullmatch(distribution_id):
        yield Finding(
            "broken",
            f"{names.DISTRIBUTION_ID} holds {distribution_id[:40]!r}, which is no distribution's "
            "id",
            "aws cloudfront list-distributions --query "
            "'DistributionList.Items[].[Id,DomainName]', then write one of the ids there",
        )
        return
    client = deployment.client("cloudfront")
    try:
        reading = Distribution(client, distribution_id).read()
    except client.exceptions.NoSuchDistribution:
        yield Finding(
            "broken",
            f"there is no distribution {distribution_id} in this account",
            f"write the id of an existing distribution to {names.DISTRIBUTION_ID}",
        )
        return
    if not reading.parsed["Enabled"]:
        yield Finding("note", f"distribution {distribution_id} is disabled: nobody can reach it")
    for notice in notices(reading.xml, deployment.environment.distribution_grants):
        state: State = "broken" if notice.blocks else "note"
        yield Finding(state, f"distribution {distribution_id}: {notice.what}", notice.fix)
    plan = yield from _flat_rate(deployment, distribution_id)
    yield from _patch(deployment, distribution_id, reading.xml, plan)


def _flat_rate(
    deployment: Deployment, distribution_id: str
) -> Generator[Finding, None, Plan | None]:
    """Returns the flat-rate plan that the distribution is on, if any."""
    arn = f"arn:aws:cloudfront::{deployment.account.id}:distribution/{distribution_id}"
    try:
        plan = _subscribed(deployment, arn)
    except (BotoCoreError, ClientError) as error:
        yield Finding("note", f"its pricing plan could not be read ({short(error)})")
        return None
    if plan is not None and not plan.cache_policies:
        enough = ", ".join(each.name for each in price_table().plans if each.cache_policies)
        yield Finding(
            "broken",
            f"distribution {distribution_id} is on CloudFront's {plan.name} plan, which allows no "
            f"custom cache policy and at most {plan.behaviours} behaviours",
            f"choose {enough} in CloudFront's console, or cancel the plan to pay as you go",
        )
    return plan


def _subscribed(deployment: Deployment, arn: str) -> Plan | None:
    client = deployment.client("pricing-plan-manager", region_name=_PLANS_REGION)
    for page in client.get_paginator("list_subscriptions").paginate():
        for each in page["subscriptionSummaries"]:
            if arn in each["resourceArns"]:
                tier = str(each["planTier"]).lower()
                return next(p for p in price_table().plans if p.name.lower() == tier)
    return None


def _patch(deployment: Deployment, distribution_id: str, xml: bytes, plan: Plan | None) -> Findings:
    desired = wanted(distribution_id, deployment.environment, deployment.client)
    if plan is not None:
        desired = replace(desired, most_behaviours=plan.behaviours)
    try:
        planned = plan_patch(xml, desired)
    except PatchRefusedError as error:
        yield Finding("broken", f"distribution {distribution_id}", str(error))
        return
    summary = f"{len(planned.changes)} changes" if planned.changes else "nothing changes"
    yield Finding("ok", f"distribution {distribution_id}: {summary}")
    for each in planned.changes:
        yield Finding("detail", f"  {each}")
