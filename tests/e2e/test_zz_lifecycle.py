"""Last of all: everything is destroyed, and deployed again, as if it had never been."""

import pytest
from botocore.exceptions import ClientError

from config import names
from tests.e2e.conftest import System


def test_the_watch_goes_alone(system: System) -> None:
    system.deployment.destroy(names.OPS_STACK)
    watch = system.cloud.client("cloudwatch")
    assert not watch.describe_alarms()["MetricAlarms"]
    assert not watch.list_dashboards()["DashboardEntries"]
    assert not system.cloud.client("sns").list_topics()["Topics"]
    assert system.origin.ranking("snake", "all").status == 200


def tagged(system: System) -> list[str]:
    """As docs/deploy.md finds what is left."""
    client = system.cloud.client("resourcegroupstaggingapi")
    pages = client.get_paginator("get_resources").paginate(
        TagFilters=[{"Key": "project", "Values": [names.PROJECT]}]
    )
    return [each["ResourceARN"] for page in pages for each in page["ResourceTagMappingList"]]


def test_destroyed_nothing_is_left_and_deployed_again_all_is_there(system: System) -> None:
    system.origin.submit("snake", "all", "z" * 22, score=1, time_ms=5000, play="before")
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
    assert not [
        group["logGroupName"]
        for group in system.cloud.client("logs").describe_log_groups()["logGroups"]
        if names.PROJECT in group["logGroupName"]
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
