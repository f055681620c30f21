"""CiStack: what lets GitHub deploy, with no key of ours in its hands."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import ArnFormat, CfnOutput
from aws_cdk import aws_iam as iam
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from config import names
from config.ci import Ci
from config.environments import Environment
from lambdas.scores.table import board_key
from stacks.constructs.acknowledge import acknowledge, acknowledge_wildcards
from stacks.constructs.house_stack import HouseStack

_GITHUB: Final = "token.actions.githubusercontent.com"
_AUDIENCE: Final = "sts.amazonaws.com"
_BOOTSTRAP: Final = "cdk-hnb659fds"
_BOOTSTRAP_VERSION: Final = "cdk-bootstrap/hnb659fds/version"


class CiStack(HouseStack):
    """GitHub's workflows may deploy."""

    def __init__(self, scope: Construct, *, environment: Environment, ci: Ci) -> None:
        super().__init__(scope, names.CI_STACK, environment=environment)
        ci.check()
        self._environment = environment
        self._ci = ci
        self._provider = self._identity_provider()
        self._distribution = self.format_arn(
            service="cloudfront",
            region="",
            resource="distribution",
            resource_name=self._parameter_value(names.DISTRIBUTION_ID),
        )
        self._deploy_role()
        if environment.own_site:
            self._site_role()
        if ci.diff_pull_requests:
            self._diff_role()

    def _identity_provider(self) -> str:
        if self._ci.provider_exists:
            return self.format_arn(
                service="iam", region="", resource="oidc-provider", resource_name=_GITHUB
            )
        provider = iam.OidcProviderNative(
            self, "GitHub", url=f"https://{_GITHUB}", client_ids=[_AUDIENCE]
        )
        return provider.oidc_provider_arn

    def _role(self, id: str, name: str, claims: dict[str, str], description: str) -> iam.Role:
        claimed = {f"{_GITHUB}:{claim}": value for claim, value in claims.items()}
        role = iam.Role(
            self,
            id,
            role_name=names.function_role(name, self.region),
            description=description,
            assumed_by=iam.WebIdentityPrincipal(self._provider, {"StringEquals": claimed}),
        )
        CfnOutput(self, f"{id}Arn", value=role.role_arn)
        return role

    @property
    def _from_the_branch(self) -> dict[str, str]:
        """An environment's subject tells no branch, so the token's ref must tell it too."""
        return {"aud": _AUDIENCE, "sub": self._ci.deploy_subject, "ref": self._ci.ref}

    def _deploy_role(self) -> None:
        role = self._role(
            "Deploy",
            names.CI_DEPLOY,
            self._from_the_branch,
            "Deploys through the roles of the CDK's bootstrap, after looking at what is there",
        )
        _allow(role, ["sts:AssumeRole"], self._bootstrap_roles())
        self._allow_looking(role)
        self._allow_sweeping(role)

    def _bootstrap_roles(self) -> list[str]:
        return [
            self.format_arn(
                service="iam",
                region="",
                resource="role",
                resource_name=f"{_BOOTSTRAP}-{role}-role-{self.account}-{self.region}",
            )
            for role in ("deploy", "file-publishing", "lookup")
        ]

    def _allow_looking(self, role: iam.Role) -> None:
        """What the preflight reads."""
        self._allow_templates(role)
        _allow(role, ["cloudfront:GetDistributionConfig"], [self._distribution])
        _allow(
            role, ["cloudfront:ListCachePolicies", "pricingplanmanager:ListSubscriptions"], ["*"]
        )
        parameters = (
            names.DISTRIBUTION_ID,
            names.SCORE_API_ENDPOINT,
            names.SCORE_TABLE_NAME,
            names.TELEMETRY_API_ENDPOINT,
            names.ORIGIN_LOCK,
            _BOOTSTRAP_VERSION,
        )
        _allow(role, ["ssm:GetParameter"], [self._parameter_arn(name) for name in parameters])
        acknowledge(role, {"AwsSolutions-IAM5[Resource::*]": "Lists know no resource."})

    def _allow_sweeping(self, role: iam.Role) -> None:
        """The smoke test's row is taken out again, from whichever board it went to."""
        table = self.format_arn(
            service="dynamodb",
            resource="table",
            resource_name=self._parameter_value(names.SCORE_TABLE_NAME),
        )
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["dynamodb:Query", "dynamodb:DeleteItem"],
                resources=[table],
                # Neither call exists without a partition, so there is always one to judge.
                conditions={
                    "ForAllValues:StringLike": {"dynamodb:LeadingKeys": [board_key("*", "*")]}
                },
            )
        )

    def _site_role(self) -> None:
        role = self._role(
            "Site",
            names.CI_SITE,
            self._from_the_branch,
            "Publishes the site: its bucket and its distribution's cache, nothing else",
        )
        bucket = f"arn:{self.partition}:s3:::{self._parameter_value(names.SITE_BUCKET)}"
        _allow(role, ["s3:ListBucket"], [bucket])
        pages = [f"{bucket}/*"]
        _allow(role, ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], pages)
        acknowledge_wildcards(role, pages, "All pages of this one site.")
        _allow(role, ["cloudfront:CreateInvalidation"], [self._distribution])
        parameters = (names.DISTRIBUTION_ID, names.SITE_BUCKET)
        _allow(role, ["ssm:GetParameter"], [self._parameter_arn(name) for name in parameters])

    def _diff_role(self) -> None:
        """Templates hold no secret; tables, logs and parameters are none of its business."""
        role = self._role(
            "Diff",
            names.CI_DIFF,
            {"aud": _AUDIENCE, "sub": self._ci.pull_request_subject},
            "Reads the deployed templates, to show what a pull request would change",
        )
        self._allow_templates(role)
        _allow(role, ["ssm:GetParameter"], [self._parameter_arn(_BOOTSTRAP_VERSION)])

    def _allow_templates(self, role: iam.Role) -> None:
        stacks = self._stacks("CDKToolkit", *names.STACKS)
        _allow(role, ["cloudformation:DescribeStacks", "cloudformation:GetTemplate"], stacks)
        acknowledge_wildcards(role, stacks, "A stack's id is made when it is.")

    def _stacks(self, *stacks: str) -> list[str]:
        return [
            self.format_arn(service="cloudformation", resource="stack", resource_name=f"{stack}/*")
            for stack in stacks
        ]

    def _parameter_arn(self, name: str) -> str:
        return self.format_arn(
            service="ssm",
            resource="parameter",
            resource_name=name.removeprefix("/"),
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )

    def _parameter_value(self, name: str) -> str:
        return ssm.StringParameter.value_for_string_parameter(self, name)


def _allow(role: iam.Role, actions: Sequence[str], resources: Sequence[str]) -> None:
    role.add_to_policy(iam.PolicyStatement(actions=list(actions), resources=list(resources)))
