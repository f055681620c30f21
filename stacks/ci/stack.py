"""CiStack: the roles with which GitHub's workflows deploy, without a stored key."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import CfnOutput
from aws_cdk import aws_iam as iam
from constructs import Construct

from config import names
from config.ci import Ci
from config.environments import Environment
from config.manifest import Sweep
from config.manifests import CAPABILITIES, stacks
from stacks.shared.acknowledge import acknowledge, acknowledge_wildcards
from stacks.shared.stack import ProjectStack

_GITHUB: Final = "token.actions.githubusercontent.com"
_AUDIENCE: Final = "sts.amazonaws.com"
_BOOTSTRAP: Final = "cdk-hnb659fds"
_BOOTSTRAP_VERSION: Final = "cdk-bootstrap/hnb659fds/version"


class CiStack(ProjectStack):
    def __init__(self, scope: Construct, *, environment: Environment, ci: Ci) -> None:
        super().__init__(
            scope,
            names.CI_STACK,
            description="GitHub's workflows may deploy.",
            environment=environment,
        )
        self._ci = ci
        self._provider = self._identity_provider()
        self._distribution = self.distribution_arn(self.parameter_value(names.DISTRIBUTION_ID))
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
        """The subject of an environment names no branch, so the token's ref must match too."""
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
        for capability in CAPABILITIES:
            for sweep in capability.sweeps:
                self._allow_sweeping(role, sweep)

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
        """The preflight reads these."""
        self._allow_templates(role)
        _allow(role, ["cloudfront:GetDistributionConfig"], [self._distribution])
        _allow(
            role, ["cloudfront:ListCachePolicies", "pricingplanmanager:ListSubscriptions"], ["*"]
        )
        swept = [sweep.table for each in CAPABILITIES for sweep in each.sweeps]
        endpoints = [endpoint.parameter for each in CAPABILITIES for endpoint in each.apis]
        parameters = (
            names.DISTRIBUTION_ID,
            names.ORIGIN_LOCK,
            *endpoints,
            *swept,
            _BOOTSTRAP_VERSION,
        )
        _allow(role, ["ssm:GetParameter"], [self.parameter_arn(name) for name in parameters])
        acknowledge(role, {"AwsSolutions-IAM5[Resource::*]": "Lists know no resource."})

    def _allow_sweeping(self, role: iam.Role, sweep: Sweep) -> None:
        """The smoke test deletes the row that it wrote, from whichever board."""
        table = self.format_arn(
            service="dynamodb",
            resource="table",
            resource_name=self.parameter_value(sweep.table),
        )
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["dynamodb:Query", "dynamodb:DeleteItem"],
                resources=[table],
                # Both calls always name a partition, so the condition always has a key to test.
                conditions={
                    "ForAllValues:StringLike": {"dynamodb:LeadingKeys": list(sweep.partitions)}
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
        bucket = f"arn:{self.partition}:s3:::{self.parameter_value(names.SITE_BUCKET)}"
        _allow(role, ["s3:ListBucket"], [bucket])
        pages = [f"{bucket}/*"]
        _allow(role, ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], pages)
        acknowledge_wildcards(role, pages, "All pages of this one site.")
        _allow(role, ["cloudfront:CreateInvalidation"], [self._distribution])
        parameters = (names.DISTRIBUTION_ID, names.SITE_BUCKET)
        _allow(role, ["ssm:GetParameter"], [self.parameter_arn(name) for name in parameters])

    def _diff_role(self) -> None:
        """It reads templates, which hold no secret, and neither tables nor logs nor parameters."""
        role = self._role(
            "Diff",
            names.CI_DIFF,
            {"aud": _AUDIENCE, "sub": self._ci.pull_request_subject},
            "Reads the deployed templates, to show what a pull request would change",
        )
        self._allow_templates(role)
        _allow(role, ["ssm:GetParameter"], [self.parameter_arn(_BOOTSTRAP_VERSION)])

    def _allow_templates(self, role: iam.Role) -> None:
        known = self._stacks("CDKToolkit", *stacks())
        _allow(role, ["cloudformation:DescribeStacks", "cloudformation:GetTemplate"], known)
        acknowledge_wildcards(role, known, "A stack's id is made when it is.")

    def _stacks(self, *names: str) -> list[str]:
        return [
            self.format_arn(service="cloudformation", resource="stack", resource_name=f"{name}/*")
            for name in names
        ]


def _allow(role: iam.Role, actions: Sequence[str], resources: Sequence[str]) -> None:
    role.add_to_policy(iam.PolicyStatement(actions=list(actions), resources=list(resources)))
