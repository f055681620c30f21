"""Last of all: everything is destroyed, and deployed again, as if it had never been."""

import pytest
from botocore.exceptions import ClientError

from config import names
from config.capabilities import edge
from lambdas.edge.distribution import Distribution
from lambdas.scores.table import board_key
from local.scores.boards import fill
from tests.e2e.conftest import System
from tests.lambdas.edge.test_patch_plan import canonical


def test_the_watch_goes_alone(system: System) -> None:
    system.deployment.destroy(names.OPS_STACK)
    watch = system.cloud.client("cloudwatch")
    assert not watch.describe_alarms()["MetricAlarms"]
    assert not watch.list_dashboards()["DashboardEntries"]
    assert not system.cloud.client("sns").list_topics()["Topics"]
    assert system.origin.ranking("snake", "all").status == 200


def tagged(system: System) -> list[str]:
    """Finds leftovers as docs/operate/leaving.md describes."""
    client = system.cloud.client("resourcegroupstaggingapi")
    pages = client.get_paginator("get_resources").paginate(
        TagFilters=[{"Key": "project", "Values": [names.PROJECT]}]
    )
    return [each["ResourceARN"] for page in pages for each in page["ResourceTagMappingList"]]


def test_without_the_edge_stack_the_distribution_is_as_before(system: System) -> None:
    client = system.cloud.client("cloudfront")
    distribution = Distribution(client, system.parameter(names.DISTRIBUTION_ID))
    original = system.backups()[0].encode()
    assert b"htmlgame-scores" not in original
    # Others have written it since, each in its own client's order of elements.
    distribution._write(original, distribution.read())
    system.cloud.client("lambda").invoke(FunctionName=edge.DRIFT_GUARD.name)
    assert b"htmlgame-scores" in distribution.read().xml
    system.deployment.destroy(edge.CAPABILITY.stack)
    returned = distribution.read().xml
    assert as_cloudfront_says_it(returned) == as_cloudfront_says_it(original)


def as_cloudfront_says_it(xml: bytes) -> str:
    """CloudFront always writes the number of behaviours; the emulator leaves out a zero."""
    return canonical(xml.replace(b"<CacheBehaviors><Quantity>0</Quantity></CacheBehaviors>", b""))


def test_destroyed_nothing_is_left_and_deployed_again_all_is_there(system: System) -> None:
    fill(system.table, board_key("snake", "all"), 1)
    assert any(":table/" in arn for arn in tagged(system))
    system.deployment.destroy_everything()
    # The emulator remembers the tags of tables that are gone; keys take a while to go.
    left = [arn for arn in tagged(system) if ":table/" not in arn]
    kms = system.cloud.client("kms")
    states = {kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyState"] for arn in left}
    assert states <= {"PendingDeletion"}
    with pytest.raises(ClientError, match="ParameterNotFound"):
        system.parameter(names.ORIGIN_LOCK)
    assert not system.cloud.client("dynamodb").list_tables()["TableNames"]
    assert not system.cloud.client("lambda").list_functions()["Functions"]
    # Neither ours nor one that nobody declared, such as CDK's own functions' might be.
    assert not [
        group["logGroupName"]
        for group in system.cloud.client("logs").describe_log_groups()["logGroups"]
    ]
    iam = system.cloud.client("iam")
    roles = [each["RoleName"] for each in iam.list_roles()["Roles"]]
    assert not [name for name in roles if name.startswith(names.PROJECT)]
    cloudfront = system.cloud.client("cloudfront")
    assert not cloudfront.list_distributions()["DistributionList"].get("Items")
    assert not cloudfront.list_functions()["FunctionList"].get("Items")
    system.deployment.bring_up_to_date()
    submitted = system.origin.submit("snake", "all", "z" * 22, score=2, time_ms=5000, play="after")
    assert submitted.body["results"]["all"]["rank"] == 1
    assert len(system.origin.ranking("snake", "all").body["items"]) == 1
