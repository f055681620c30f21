"""What make deploy looks at before it begins: whether it can, what it changes, what that costs.

It changes nothing. Whatever would make the deploy fail half-way fails here, with the mend.
"""

import argparse
import re
import sys
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from config import names
from config.environments import Environment, environment_named
from config.games import load_games
from config.ops import BUDGET_REGIONS
from config.prices import FreeTier, Plan, price_table
from lambdas.edge.distribution import Distribution
from lambdas.edge.patch_plan import PatchRefusedError, plan_patch
from operations.account.aws_session import aws_session, core_of
from operations.account.errors import account_problem
from operations.account.identity import bootstrap_version, verify
from operations.cli.output import counted
from operations.costs.bill import Month, bill, dollars
from operations.creators import issuer as issuer_check
from operations.deploy import account_wide as account_checks
from operations.deploy.assembly import Assembly, NotSynthesised, Template, change
from operations.deploy.leftovers import described, is_foreign, left_over, removal
from operations.edge.live_distribution import notices
from operations.edge.patch import parameter, wanted
from operations.errors import AccountError
from operations.findings import NO as NO
from operations.findings import NOTE as NOTE
from operations.findings import OK as OK
from operations.findings import Finding, Findings

_DISTRIBUTION: Final = re.compile(r"E[A-Z0-9]{6,20}")
_GITHUB: Final = "oidc-provider/token.actions.githubusercontent.com"
_FORBIDDEN: Final = re.compile(r"AccessDenied|UnauthorizedOperation|NotAuthorized")
_CDK_DELETES_FIRST: Final = {"ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS"}
_BEYOND_REPAIR: Final = {"CREATE_FAILED", "ROLLBACK_FAILED", "DELETE_FAILED"}
_PLANS_REGION: Final = "us-east-1"
_AUTHORIZER: Final = "AWS::ApiGatewayV2::Authorizer"
_BUDGET: Final = "AWS::Budgets::Budget"
_SWITCH: Final = {
    names.FRONT_STACK: "own_site=False",
    names.TELEMETRY_STACK: "telemetry=None",
    names.OPS_STACK: "ops=None",
    names.CI_STACK: "ci=None",
}
"""What in config leaves the stack out."""


class Preflight:
    def __init__(self, environment: Environment, assembly: Assembly) -> None:
        self._environment = environment
        self._assembly = assembly
        self._session = aws_session()
        self._client = self._session.client

    def run(self) -> Findings:
        """Without an account to look at there is nothing more to say."""
        access = [*self._credentials()]
        yield from access
        if any(each.mark == NO for each in access):
            return
        for check in (
            self._bootstrap,
            self._warnings,
            self._stacks,
            self._account_wide,
            self._site,
            self._budget,
            self._issuer,
            self._identity_provider,
            self._changes,
            self._costs,
        ):
            yield from _as_allowed(check)

    def _credentials(self) -> Findings:
        try:
            account = verify(self._environment, core_of(self._session))
        except AccountError as error:
            yield Finding(NO, error.problem, error.fix)
            return
        self._account = account.id
        yield Finding(OK, f"{account}, as {account.arn}")
        if account.arn.endswith(":root") and not self._environment.is_local:
            yield Finding(NOTE, "these are the account's root credentials: better an IAM role's")

    def _bootstrap(self) -> Findings:
        there, needed = bootstrap_version(core_of(self._session)), self._assembly.bootstrap_version
        if there is None:
            yield Finding(NO, "this account and region are not bootstrapped", "make bootstrap")
        elif there < needed:
            yield Finding(NO, f"bootstrap version {there}; {needed} is needed", "make bootstrap")
        else:
            yield Finding(OK, f"bootstrapped, version {there}")

    def _warnings(self) -> Findings:
        for warning in self._assembly.warnings:
            yield Finding(NOTE, warning)

    def _stacks(self) -> Findings:
        for name in self._assembly.templates:
            if self._is_foreign(name):
                yield _foreign(name)
                continue
            status = self._status(name)
            if status in _CDK_DELETES_FIRST:
                yield Finding(NOTE, f"{name}: its first deploy failed; this one begins it anew")
            elif status is None or status.endswith("_COMPLETE"):
                continue
            elif status.endswith("_IN_PROGRESS"):
                yield Finding(NO, f"{name} is being deployed: {status}", "wait until that is over")
            else:
                yield Finding(NO, f"{name} is {status}", _way_out(name, status))
        for name in left_over(self._assembly.templates, self._client):
            yield Finding(
                NOTE,
                f"{name} is deployed, and billed, though config has switched it off",
                f"after this deploy: {removal(name)}",
            )

    def _status(self, stack: str) -> str | None:
        found = described(stack, self._client)
        return None if found is None else str(found["StackStatus"])

    def _is_foreign(self, stack: str) -> bool:
        found = described(stack, self._client)
        return found is not None and is_foreign(found)

    def _account_wide(self) -> Findings:
        """What the account has only once, for the stacks that this deploy makes."""
        region = str(self._session.region_name)
        for name, planned in self._assembly.templates.items():
            if self._is_new(name):
                yield from account_checks.second_region(name, planned, region, self._client)

    def _is_new(self, stack: str) -> bool:
        status = self._status(stack)
        return status is None or status in _CDK_DELETES_FIRST

    def _budget(self) -> Findings:
        ops, region = self._environment.ops, str(self._session.region_name)
        if ops is None or ops.budget_usd is None or region in BUDGET_REGIONS:
            return
        lacking = f"CloudFormation has no budgets in {region}"
        if any(_of_type(each, _BUDGET) for each in self._assembly.templates.values()):
            yield Finding(
                NO,
                f"{lacking}, and the templates, synthesised for another region, have one",
                f"export AWS_REGION={region}, then make preflight again",
            )
            return
        yield Finding(
            NOTE,
            f"{lacking}: none is made, and nobody is told when ${ops.budget_usd:g} are spent",
            "make one by hand in the console, Billing, Budgets; budget_usd=None ends this note",
        )

    def _issuer(self) -> Findings:
        telemetry = self._environment.telemetry
        if telemetry is None or self._environment.is_local:
            return
        deployed = self._deployed(names.TELEMETRY_STACK) or {"Resources": {}}
        there = any(
            each["Properties"].get("JwtConfiguration", {}).get("Issuer") == telemetry.issuer
            for each in _of_type(deployed, _AUTHORIZER)
        )
        yield from issuer_check.issuer(telemetry.issuer, deployed=there)

    def _site(self) -> Findings:
        distribution_id = parameter(names.DISTRIBUTION_ID, self._client)
        if self._environment.own_site:
            yield from self._own_site(distribution_id)
        elif distribution_id is None:
            yield Finding(
                NO,
                f"own_site=False, and no distribution's id in {names.DISTRIBUTION_ID}",
                f"aws ssm put-parameter --type String --name {names.DISTRIBUTION_ID} --value E…",
            )
        else:
            yield from self._distribution(distribution_id)

    def _own_site(self, distribution_id: str | None) -> Findings:
        if distribution_id is None:
            yield Finding(OK, "the site: a bucket and a distribution, made by this deploy")
        elif self._status(names.FRONT_STACK) is None:
            yield Finding(
                NO,
                f"{names.DISTRIBUTION_ID} names {distribution_id}, which FrontStack did not make "
                "and would collide with",
                "own_site=False in config/environments.py to use that distribution, or "
                f"aws ssm delete-parameter --name {names.DISTRIBUTION_ID}",
            )
        else:
            yield from self._distribution(distribution_id)

    def _distribution(self, distribution_id: str) -> Findings:
        if not self._environment.is_local and not _DISTRIBUTION.fullmatch(distribution_id):
            yield Finding(
                NO,
                f"{names.DISTRIBUTION_ID} holds {distribution_id[:40]!r}, which is no id",
                "aws cloudfront list-distributions --query "
                "'DistributionList.Items[].[Id,DomainName]', then put that id there",
            )
            return
        client = self._client("cloudfront")
        try:
            reading = Distribution(client, distribution_id).read()
        except client.exceptions.NoSuchDistribution:
            yield Finding(
                NO,
                f"there is no distribution {distribution_id} in this account",
                f"put the id of one that is there into {names.DISTRIBUTION_ID}",
            )
            return
        if not reading.parsed["Enabled"]:
            yield Finding(NOTE, f"distribution {distribution_id} is disabled: nobody will reach it")
        for notice in notices(reading.xml, self._environment.distribution_grants):
            mark = NO if notice.blocks else NOTE
            yield Finding(mark, f"distribution {distribution_id}: {notice.what}", notice.fix)
        tier = yield from self._flat_rate(distribution_id)
        yield from self._patch(distribution_id, reading.xml, tier)

    def _flat_rate(self, distribution_id: str) -> Generator[Finding, None, Plan | None]:
        """The flat-rate plan, where the distribution is on one."""
        arn = f"arn:aws:cloudfront::{self._account}:distribution/{distribution_id}"
        try:
            tier = self._subscribed(arn)
        except (BotoCoreError, ClientError) as error:
            yield Finding(NOTE, f"its pricing plan could not be asked for ({_short(error)})")
            return None
        if tier is not None and not tier.cache_policies:
            enough = ", ".join(plan.name for plan in price_table().plans if plan.cache_policies)
            yield Finding(
                NO,
                f"distribution {distribution_id} is on CloudFront's {tier.name} plan, which takes "
                f"no cache policy of ours and {tier.behaviours} behaviours at most",
                f"choose {enough} in CloudFront's console, or cancel the plan to pay as you go",
            )
        return tier

    def _subscribed(self, arn: str) -> Plan | None:
        client = self._client("pricing-plan-manager", region_name=_PLANS_REGION)
        for page in client.get_paginator("list_subscriptions").paginate():
            for each in page["subscriptionSummaries"]:
                if arn in each["resourceArns"]:
                    tier = str(each["planTier"]).lower()
                    return next(p for p in price_table().plans if p.name.lower() == tier)
        return None

    def _patch(self, distribution_id: str, xml: bytes, tier: Plan | None) -> Findings:
        desired = wanted(distribution_id, self._environment, self._client)
        if tier is not None:
            desired = replace(desired, most_behaviours=tier.behaviours)
        try:
            planned = plan_patch(xml, desired)
        except PatchRefusedError as error:
            yield Finding(NO, f"distribution {distribution_id}", str(error))
            return
        told = f"{len(planned.changes)} changes" if planned.changes else "nothing changes"
        yield Finding(OK, f"distribution {distribution_id}: {told}")
        for each in planned.changes:
            yield Finding(" ", f"  {each}")

    def _identity_provider(self) -> Findings:
        ci = self._environment.ci
        if ci is None or self._status(names.CI_STACK) is not None:
            return
        listed = self._client("iam").list_open_id_connect_providers()
        there = any(each["Arn"].endswith(_GITHUB) for each in listed["OpenIDConnectProviderList"])
        if there != ci.provider_exists:
            has = "has an" if there else "has no"
            yield Finding(
                NO,
                f"this account {has} identity provider for GitHub, and ci says "
                f"provider_exists={ci.provider_exists}",
                f"provider_exists={there} in config/environments.py",
            )

    def _changes(self) -> Findings:
        for name, planned in self._assembly.templates.items():
            if self._is_foreign(name):
                continue
            told = change(self._deployed(name), planned)
            yield Finding(OK, f"{name}: {told.told}")
            for danger in told.dangers:
                yield Finding(NOTE, f"{name}: {danger}")

    def _deployed(self, stack: str) -> Template | None:
        if self._is_new(stack):
            return None
        template = self._client("cloudformation").get_template(StackName=stack)["TemplateBody"]
        return template if isinstance(template, dict) else {"Resources": {}}

    def _costs(self) -> Findings:
        games = len(load_games())
        rest = dollars(bill(Month(plays=0, games=games), self._environment), FreeTier.ALWAYS)
        yield Finding(
            OK,
            f"costs while nobody plays: about ${rest:.2f} a month for {counted(games, 'game')}; "
            "make cost PLAYS=… tells the rest",
        )


def _foreign(stack: str) -> Finding:
    return Finding(
        NO,
        f"{stack} is a stack of somebody else's: its description does not begin with "
        f"{names.DESCRIPTION!r}, and a deploy would overwrite it",
        f"{_SWITCH[stack]} in config/environments.py, or another region or account"
        if stack in _SWITCH
        else "deploy to another region or account",
    )


def _of_type(template: Template, kind: str) -> list[Any]:
    return [each for each in template["Resources"].values() if each["Type"] == kind]


def _way_out(stack: str, status: str) -> str:
    of_it = f"--stack-name {stack}"
    if status == "UPDATE_ROLLBACK_FAILED":
        return f"aws cloudformation continue-update-rollback {of_it}"
    if status == "UPDATE_FAILED":
        return f"aws cloudformation rollback-stack {of_it}, then make deploy again"
    why = f"aws cloudformation describe-stack-events {of_it} tells why"
    if status in _BEYOND_REPAIR:
        return (
            f"{why}; where nothing else helps, aws cloudformation delete-stack {of_it}: its tables "
            "and files stay in the account, but the next deploy begins with empty ones"
        )
    return why


def _as_allowed(check: Callable[[], Findings]) -> Findings:
    """A role of few rights may not look everywhere; what it cannot see it cannot complain of."""
    try:
        yield from check()
    except ClientError as error:
        if not _FORBIDDEN.search(error.response["Error"]["Code"]):
            raise
        yield Finding(NOTE, f"not looked at: {_short(error)}")


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:160]


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="looks before make deploy leaps")
    parser.add_argument("assembly", type=Path)
    parser.add_argument("--environment", default="production")
    options = parser.parse_args(arguments)
    environment = environment_named(options.environment)
    refused = 0
    try:
        for finding in Preflight(environment, Assembly(options.assembly)).run():
            print(finding, flush=True)
            refused += finding.mark == NO
    except NotSynthesised as error:
        sys.exit(str(error))
    except (BotoCoreError, ClientError) as error:
        sys.exit(str(account_problem(error) or f"AWS did not answer as hoped: {error}"))
    if refused:
        sys.exit(f"nothing was deployed: {refused} to mend")


if __name__ == "__main__":
    main()
