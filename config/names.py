"""The SSM parameters and physical names that no capability owns. The others are in manifests."""

from typing import Final

PROJECT: Final = "htmlgame"
DESCRIPTION: Final = f"{PROJECT}: "
"""The descriptions of all stacks begin with it. Other stacks of the same name lack it."""

FRONT_STACK: Final = "FrontStack"
CI_STACK: Final = "CiStack"
OPS_STACK: Final = "OpsStack"


def parameter(stack: str, name: str) -> str:
    return f"/{PROJECT}/{stack}/{name}"


DISTRIBUTION_ID: Final = parameter("front-stack", "cf-dist-id")
SITE_BUCKET: Final = parameter("front-stack", "s3-bucket")
SITE_ADDRESS: Final = parameter("front-stack", "address")

ORIGIN_LOCK: Final = parameter("edge-stack", "origin-verify")
ORIGIN_LOCK_HASHES: Final = f"{ORIGIN_LOCK}-sha256"
"""What functions compare a request's lock with. It is no secret."""
EDGE_STORE_ARN: Final = parameter("edge-stack", "kvs-arn")
EDGE_STORE: Final = f"{PROJECT}-cfgthr"

TOKEN_KEYS: Final = parameter("telemetry", "token-keys")
"""The keys that sign visitors' session tokens."""
HASH_KEY: Final = parameter("telemetry", "hash-key")
"""The key that hashes players' ids."""

LOCAL_RECORD: Final = parameter("local", "deployed")
LOCAL_SIGN_IN: Final = parameter("local", "sign-in")

API_STAGE: Final = "prod"

ALARMS: Final = f"{PROJECT}-alarms"
BUDGET: Final = f"{PROJECT}-monthly"
DASHBOARD: Final = PROJECT
COSTS_DASHBOARD: Final = f"{PROJECT}-costs"

CI_DEPLOY: Final = f"{PROJECT}-ci-deploy"
CI_SITE: Final = f"{PROJECT}-ci-site"
CI_DIFF: Final = f"{PROJECT}-ci-diff"


def alarm(name: str) -> str:
    return f"{PROJECT}-{name}"


def function_log_group(function_name: str) -> str:
    return f"/aws/lambda/{function_name}"


def function_role(function_name: str, region: str) -> str:
    """IAM roles belong to the whole account, functions to one region."""
    return f"{function_name}-{region}"


def api_log_group(api_name: str) -> str:
    return f"/aws/http-api/{api_name}"
