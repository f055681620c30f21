"""AWS's commercial regions, and what CloudFormation knows in each, by cfn-lint's schemas."""

from typing import Final

import boto3
from cfnlint.helpers import REGIONS
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

_partition = boto3.Session().get_partition_for_region
COMMERCIAL: Final = frozenset(region for region in REGIONS if _partition(region) == "aws")


def knows(region: str, kind: str) -> bool:
    return kind in PROVIDER_SCHEMA_MANAGER.get_resource_types(region)
