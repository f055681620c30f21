"""The account: its credentials, its stacks, and what it allows."""

from collections.abc import Iterator
from typing import Any, Final

from botocore.exceptions import ClientError

from operations.cli.output import counted
from operations.doctor import checks as doctor
from operations.findings import Broken
from operations.verify_aws.account import OURS, Account
from operations.verify_aws.check import check
from operations.verify_aws.needs import on_aws

_COMPLETE: Final = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"}


@check(
    "credentials",
    claim="The credentials are of the account and the region that config names.",
    laptop="The local system accepts any credentials of its own and has one region.",
    good="The ARN of your role or user, and the region that you deployed to.",
    decisive=True,
)
def credentials(account: Account) -> str:
    identity, environment = account.target.identity, account.environment
    if environment.account not in {None, account.id}:
        raise Broken(
            f"account {account.id}; config/environments.py says {environment.account}",
            "choose that account's credentials, for example with AWS_PROFILE",
        )
    if environment.region not in {None, account.region}:
        raise Broken(
            f"region {account.region}; config/environments.py says {environment.region}",
            f"export AWS_REGION={environment.region}",
        )
    return f"{identity}, {account.region}"


@check(
    "stacks",
    claim="Every stack that config asks for is deployed, complete and htmlgame's own.",
    laptop="The emulator accepts properties and settings that AWS refuses.",
    good="Every stack is complete. UPDATE_ROLLBACK_COMPLETE means that the last deploy failed.",
)
def stacks(account: Account) -> str:
    problems = list(_unfit_stacks(account))
    if problems:
        raise Broken(
            "; ".join(problems),
            "make preflight names the way out of each state; then make deploy",
        )
    return f"{', '.join(account.stacks)}: complete"


def _unfit_stacks(account: Account) -> Iterator[str]:
    for name in account.wanted_stacks:
        stack = account.stacks.get(name)
        if stack is None:
            yield f"{name} is not deployed"
        elif not stack.description.startswith(OURS):
            yield f"{name} belongs to another program: its description is {stack.description!r}"
        elif stack.status not in _COMPLETE:
            yield f"{name} is {stack.status}"


@check(
    "parameters",
    claim="Every SSM parameter through which the stacks find each other exists.",
    laptop="SSM on AWS limits the rate of reads and the characters of a name.",
    good="All of them exist.",
)
def parameters(account: Account) -> str:
    return doctor.parameters(account.session)


@check(
    "buckets",
    claim="No bucket of htmlgame can be public, and each refuses requests without TLS.",
    laptop="The emulator speaks plain HTTP, so there the buckets accept it.",
    good="Every bucket blocks public access in all four ways and denies plain HTTP.",
    needs=(on_aws("speaks plain HTTP"),),
)
def buckets(account: Account) -> str:
    wanted = [each.physical_id for each in account.resources("AWS::S3::Bucket")]
    problems = [problem for name in wanted for problem in _open(account, name)]
    if problems:
        raise Broken("; ".join(problems), "make deploy sets them again; find out who changed them")
    return f"{counted(len(wanted), 'bucket')}, private and TLS only"


def _open(account: Account, bucket: str) -> Iterator[str]:
    s3 = account.client("s3")
    block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    lifted = sorted(name for name, on in block.items() if not on)
    if lifted:
        yield f"{bucket} lifts {', '.join(lifted)}"
    if "aws:SecureTransport" not in _policy(s3, bucket):
        yield f"{bucket} accepts plain HTTP"


def _policy(s3: Any, bucket: str) -> str:
    try:
        return str(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucketPolicy":
            raise
        return ""
