"""The roles for GitHub: who may assume them, and their rights."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from aws_cdk import App
from aws_cdk.assertions import Template
from botocore.exceptions import ClientError

from config.ci import Ci
from config.environments import DELIVERED
from config.model import ConfigError
from lambdas.scores.ledger_table import ledger_key
from lambdas.scores.table import board_key
from local.cloud import Cloud
from stacks.ci.stack import CiStack
from stacks.shared.packaging import ROOT
from tests.stacks.policies import ACCOUNT, may_assume, may_touch, without, written_out

CI = Ci(repository="octocat/my-games")
NUMBERED = replace(CI, owner_id=123456, repository_id=456789)
ISSUER = "token.actions.githubusercontent.com"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"
Resources = dict[str, dict[str, Any]]


def synthesised(
    ci: Ci, *, own_site: bool = True, parameter: Callable[[str], str] = lambda name: name[1:]
) -> Resources:
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    environment = replace(DELIVERED, own_site=own_site)
    stack = CiStack(App(context=context), environment=environment, ci=ci)
    template = Template.from_stack(stack).to_json()
    named = {name: parameter(each["Default"]) for name, each in template["Parameters"].items()}
    named |= {
        name: PROVIDER
        for name, each in template["Resources"].items()
        if each["Type"] == "AWS::IAM::OIDCProvider"
    }
    resources: Resources = {}
    for name, each in template["Resources"].items():
        links = named | {other: other for other in template["Resources"] if other not in named}
        resources[name] = written_out(each, links)
    return resources


@pytest.fixture(scope="module")
def stack() -> Resources:
    return synthesised(CI)


@pytest.fixture(scope="module")
def numbered() -> Resources:
    return synthesised(NUMBERED)


def role(resources: Resources, name: str) -> Any:
    return next(
        each["Properties"]
        for each in resources.values()
        if each["Type"] == "AWS::IAM::Role"
        and each["Properties"]["RoleName"].startswith(f"htmlgame-ci-{name}")
    )


def trust(resources: Resources, name: str) -> Any:
    return role(resources, name)["AssumeRolePolicyDocument"]


def policy(resources: Resources, name: str) -> Any:
    [document] = [
        each["Properties"]["PolicyDocument"]
        for each in resources.values()
        if each["Type"] == "AWS::IAM::Policy"
        and each["Properties"]["Roles"][0].lower().startswith(name)
    ]
    return document


def rights(resources: Resources, name: str) -> dict[str, set[str]]:
    """The resources of each allowed action."""
    granted: dict[str, set[str]] = {}
    for each in resources.values():
        if each["Type"] != "AWS::IAM::Policy":
            continue
        if not any(holder.lower().startswith(name) for holder in each["Properties"]["Roles"]):
            continue
        for statement in each["Properties"]["PolicyDocument"]["Statement"]:
            assert statement["Effect"] == "Allow"
            actions, on = statement["Action"], statement["Resource"]
            for action in [actions] if isinstance(actions, str) else actions:
                granted.setdefault(action, set()).update([on] if isinstance(on, str) else on)
    return granted


def token(repository: str = "octocat/my-games", **claims: str) -> dict[str, str]:
    """The claims of GitHub's token for a job in this repository, on main, in production."""
    told = {"environment": "production", "ref": "refs/heads/main"} | claims
    of = f"environment:{told['environment']}" if told["environment"] else f"ref:{told['ref']}"
    told = {"aud": "sts.amazonaws.com", "sub": f"repo:{repository}:{of}"} | told
    return told | {"repository": repository}


PULL_REQUEST = token(sub="repo:octocat/my-games:pull_request", ref="refs/pull/7/merge")
FOREIGN = {
    "another repository": token("octocat/other"),
    "another owner": token("mallory/my-games"),
    "a fork": token("mallory/my-games", ref="refs/heads/main"),
    "a longer name": token("octocat/my-games-evil"),
    "other letters": token("Octocat/my-games"),
    "another branch": token(ref="refs/heads/feature"),
    "a tag of that name": token(ref="refs/tags/main"),
    "another environment": token(environment="staging"),
    "a longer environment": token(environment="production-eu"),
    "no environment": token(environment=""),
    "a pull request": PULL_REQUEST,
    "another audience": token(aud="https://github.com/octocat"),
    "a wildcard": token("octocat/*"),
    "unknown numbers": token("octocat@1/my-games@2"),
    "nothing": {},
}


@pytest.mark.parametrize("name", ["deploy", "site"])
def test_the_branch_in_its_environment_is_let_in(stack: Resources, name: str) -> None:
    assert may_assume(trust(stack, name), PROVIDER, token())


@pytest.mark.parametrize("name", ["deploy", "site"])
@pytest.mark.parametrize("who", FOREIGN)
def test_nobody_else_is(stack: Resources, name: str, who: str) -> None:
    assert not may_assume(trust(stack, name), PROVIDER, FOREIGN[who])


def test_tokens_of_another_identity_provider_are_refused(stack: Resources) -> None:
    other = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.evil.example"
    assert not may_assume(trust(stack, "deploy"), other, token())


def test_where_tokens_carry_numbers_the_name_alone_is_not_enough(numbered: Resources) -> None:
    trusted = trust(numbered, "deploy")
    assert may_assume(trusted, PROVIDER, token("octocat@123456/my-games@456789"))
    for repository in (
        "octocat/my-games",
        "octocat@123456/my-games@999999",
        "octocat@999999/my-games@456789",
    ):
        assert not may_assume(trusted, PROVIDER, token(repository))


def test_pull_requests_of_this_repository_alone_may_read_templates(
    stack: Resources, numbered: Resources
) -> None:
    assert may_assume(trust(stack, "diff"), PROVIDER, PULL_REQUEST)
    fork = token(sub="repo:mallory/my-games:pull_request")
    for claims in (token(), fork, FOREIGN["another branch"]):
        assert not may_assume(trust(stack, "diff"), PROVIDER, claims)
    by_number = token(sub="repo:octocat@123456/my-games@456789:pull_request")
    assert may_assume(trust(numbered, "diff"), PROVIDER, by_number)
    assert not may_assume(trust(numbered, "diff"), PROVIDER, PULL_REQUEST)


def test_without_diffs_pull_requests_open_nothing() -> None:
    resources = synthesised(replace(CI, diff_pull_requests=False))
    roles = [each for each in resources.values() if each["Type"] == "AWS::IAM::Role"]
    assert not any(
        may_assume(each["Properties"]["AssumeRolePolicyDocument"], PROVIDER, PULL_REQUEST)
        for each in roles
    )


@pytest.fixture(scope="module")
def trusted_by_the_emulator(cloud: Cloud, stack: Resources) -> Iterator[str]:
    """It sees a token's audience and subject alone, so the branch is left out here."""
    iam = cloud.client("iam")
    document = without(trust(stack, "deploy"), "ref")
    name = "ci-deploy"
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(document))
    yield f"arn:aws:iam::{ACCOUNT}:role/{name}"
    iam.delete_role(RoleName=name)


def as_jwt(claims: dict[str, str]) -> str:
    content = json.dumps({"iss": f"https://{ISSUER}"} | claims).encode()
    return f"e30.{base64.urlsafe_b64encode(content).rstrip(b'=').decode()}.x"


def test_the_emulators_own_judgement_is_the_same(
    cloud: Cloud, trusted_by_the_emulator: str
) -> None:
    sts = cloud.client("sts")

    def assume(claims: dict[str, str]) -> Any:
        return sts.assume_role_with_web_identity(
            RoleArn=trusted_by_the_emulator,
            RoleSessionName="test",
            WebIdentityToken=as_jwt(claims),
        )

    assert assume(token())["Credentials"]
    for who, claims in FOREIGN.items():
        if claims.get("sub") == token()["sub"] and claims["aud"] == token()["aud"]:
            continue  # it differs in what the emulator does not see
        with pytest.raises(ClientError, match="AccessDenied"):
            print(who, assume(claims))


def test_an_account_that_has_the_provider_keeps_it() -> None:
    resources = synthesised(replace(CI, provider_exists=True))
    kinds = {each["Type"] for each in resources.values()}
    assert "AWS::IAM::OIDCProvider" not in kinds
    assert may_assume(trust(resources, "deploy"), PROVIDER, token())


@pytest.mark.parametrize("action", ["dynamodb:Query", "dynamodb:DeleteItem"])
def test_of_the_score_table_the_deploy_reaches_boards_alone(stack: Resources, action: str) -> None:
    """Not the record of what operators did, nor what a month's invalidations are counted by."""
    document = policy(stack, "deploy")
    for game_id, period_id in (("smoke-test", "all"), ("snake", "2026-11-21")):
        assert may_touch(document, action, board_key(game_id, period_id))
    audit, ledger = "AUDIT#2026-11", ledger_key("2026-11")["PK"]
    for partition in (audit, ledger):
        assert not may_touch(document, action, partition)
        assert not may_touch(document, action, board_key("snake", "all"), partition)


def test_the_docs_list_every_other_right_of_the_deploy_role(stack: Resources) -> None:
    page = (ROOT / "docs" / "guides" / "deploy-from-github.md").read_text()
    section = page.partition("### What the deploy role may besides")[2].partition("\n## ")[0]
    told: set[str] = set()
    for row in re.findall(r"^\| (`[^|]+) \|", section, re.MULTILINE):
        actions = re.findall(r"`([\w:]+)`", row)
        service = actions[0].partition(":")[0]
        told |= {each if ":" in each else f"{service}:{each}" for each in actions}
    assert told == set(rights(stack, "deploy")) - {"sts:AssumeRole"}


def test_who_brings_the_site_publishes_it_too() -> None:
    names = [
        each["Properties"]["RoleName"]
        for each in synthesised(CI, own_site=False).values()
        if each["Type"] == "AWS::IAM::Role"
    ]
    assert not any(name.startswith("htmlgame-ci-site") for name in names)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("repository", "my-games"),
        ("repository", "octocat/my-games/tree/main"),
        ("repository", "https://github.com/octocat/my-games"),
        ("repository", "octocat/*"),
        ("repository", "octocat/.."),
        ("repository", "-octocat/my-games"),
        ("repository", "octocat/my games"),
        ("repository", "octocat/my-games:environment:production"),
        ("branch", ""),
        ("branch", "*"),
        ("branch", "refs/heads/../main"),
        ("environment", "pro:duction"),
        ("environment", "*"),
        ("repository_id", 0),
    ],
)
def test_values_that_github_never_sends_are_refused_by_field(field: str, value: Any) -> None:
    values: dict[str, Any] = {"repository": "octocat/my-games", field: value}
    if field == "repository_id":
        values["owner_id"] = 12
    with pytest.raises(ConfigError, match=rf"config/environments\.py: ci\.{field}: "):
        Ci(**values)


def test_one_id_without_the_other_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"ci: repository_id is missing"):
        Ci(repository="octocat/my-games", owner_id=12)
