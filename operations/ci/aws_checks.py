"""The role that deploys from GitHub, and the claims that it requires."""

from collections.abc import Iterator
from typing import Any, Final

from config import names
from config.ci import Ci
from operations.cli.output import counted
from operations.findings import Broken, Skipped
from operations.verify_aws.account import Account
from operations.verify_aws.check import check
from operations.verify_aws.needs import CI

_GITHUB: Final = "token.actions.githubusercontent.com"
_AUDIENCE: Final = "sts.amazonaws.com"


@check(
    "roles of GitHub",
    claim="The roles for GitHub trust your repository, branch and environment, and nothing else.",
    laptop="The emulator reads a token's audience and subject alone, and has no identity provider.",
    good="Each role names the audience, the subject and, for a deploy, the branch.",
    needs=(CI,),
)
def roles_of_github(account: Account) -> str:
    ci = account.environment.ci
    if ci is None:
        raise Skipped("ci is not set in config/environments.py")
    provider = _provider(account)
    expected = dict(_expected(ci, own_site=account.environment.own_site))
    wrong = [
        problem
        for name, claims in expected.items()
        for problem in _misplaced(account, name, provider, claims)
    ]
    if wrong:
        raise Broken("; ".join(wrong), "make deploy; find out who changed the trust")
    return f"{counted(len(expected), 'role')} trust {ci.repository}, {ci.ref}"


def _provider(account: Account) -> str:
    iam = account.client("iam")
    listed = iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    found = [each["Arn"] for each in listed if each["Arn"].endswith(f"/{_GITHUB}")]
    if not found:
        raise Broken(
            "the account has no identity provider for GitHub",
            "ci with provider_exists=False in config/environments.py, then make deploy",
        )
    clients = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=found[0])["ClientIDList"]
    if _AUDIENCE not in clients:
        raise Broken(
            f"the identity provider does not accept the audience {_AUDIENCE}",
            f"aws iam add-client-id-to-open-id-connect-provider --client-id {_AUDIENCE} "
            f"--open-id-connect-provider-arn {found[0]}",
        )
    return str(found[0])


def _expected(ci: Ci, *, own_site: bool) -> Iterator[tuple[str, dict[str, str]]]:
    deploy = {"aud": _AUDIENCE, "sub": ci.deploy_subject, "ref": ci.ref}
    yield names.CI_DEPLOY, deploy
    if own_site:
        yield names.CI_SITE, deploy
    if ci.diff_pull_requests:
        yield names.CI_DIFF, {"aud": _AUDIENCE, "sub": ci.pull_request_subject}


def _misplaced(account: Account, name: str, provider: str, claims: dict[str, str]) -> Iterator[str]:
    iam = account.client("iam")
    role = names.function_role(name, account.region)
    try:
        document = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    except iam.exceptions.NoSuchEntityException:
        yield f"{role} does not exist"
        return
    if _trusted(document) != [(provider, {f"{_GITHUB}:{k}": v for k, v in claims.items()})]:
        yield f"{role} trusts something else than {claims['sub']}"


def _trusted(document: Any) -> list[tuple[str, dict[str, str]]]:
    """Principals that may assume the role, with the claims that must be equal."""
    return [
        (
            each["Principal"].get("Federated", "another principal"),
            each["Condition"].get("StringEquals", {}) if len(each["Condition"]) == 1 else {},
        )
        for each in document["Statement"]
        if each["Effect"] == "Allow"
    ]
