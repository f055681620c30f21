"""Every SSM key and physical name of the system, written once."""

from typing import Final

PROJECT: Final = "htmlgame"
DESCRIPTION: Final = f"{PROJECT}: "
"""Every stack's description begins with it, which tells it from one of the same name."""

FRONT_STACK: Final = "FrontStack"
EDGE_STACK: Final = "EdgeStack"
SCORE_API_STACK: Final = "ScoreApiStack"
TELEMETRY_STACK: Final = "TelemetryStack"
CI_STACK: Final = "CiStack"
OPS_STACK: Final = "OpsStack"

STACKS: Final = (
    FRONT_STACK,
    SCORE_API_STACK,
    TELEMETRY_STACK,
    EDGE_STACK,
    OPS_STACK,
    CI_STACK,
)


def _parameter(stack: str, name: str) -> str:
    return f"/{PROJECT}/{stack}/{name}"


DISTRIBUTION_ID: Final = _parameter("front-stack", "cf-dist-id")
SITE_BUCKET: Final = _parameter("front-stack", "s3-bucket")

ORIGIN_LOCK: Final = _parameter("edge-stack", "origin-verify")
EDGE_STORE_ARN: Final = _parameter("edge-stack", "kvs-arn")

LOCAL_RECORD: Final = _parameter("local", "deployed")
LOCAL_SIGN_IN: Final = _parameter("local", "sign-in")

SCORE_API_ENDPOINT: Final = _parameter("score-api", "api-endpoint")
SCORE_TABLE_NAME: Final = _parameter("score-api", "table-name")
SCORE_PUT_ARN: Final = _parameter("score-api", "lambda-put-arn")
SCORE_GET_ARN: Final = _parameter("score-api", "lambda-get-arn")
SCORE_TRIM_ARN: Final = _parameter("score-api", "lambda-trim-arn")

TELEMETRY_API_ENDPOINT: Final = _parameter("telemetry", "api-endpoint")
TELEMETRY_TABLE_NAME: Final = _parameter("telemetry", "telemetry-table")
RATE_TABLE_NAME: Final = _parameter("telemetry", "rate-table")
DATA_TABLE_NAME: Final = _parameter("telemetry", "data-table")
CREATOR_TABLE_NAME: Final = _parameter("telemetry", "creator-table")
SECRET_TABLE_NAME: Final = _parameter("telemetry", "secret-table")
RESOLVE_ENV_ARN: Final = _parameter("telemetry", "resolve-env-arn")
ARCHIVE_BUCKET: Final = _parameter("telemetry", "archive-bucket")
TELEMETRY_TOKEN_KEYS: Final = _parameter("telemetry", "token-keys")
TELEMETRY_HASH_KEY: Final = _parameter("telemetry", "hash-key")

PUT_SCORE: Final = f"{PROJECT}-put-score"
GET_RANKING: Final = f"{PROJECT}-get-ranking"
TRIM_TOP: Final = f"{PROJECT}-trim-top"
ORIGIN_LOCK_KEEPER: Final = f"{PROJECT}-origin-lock"
STORE_KEEPER: Final = f"{PROJECT}-edge-store"
DISTRIBUTION_PATCH: Final = f"{PROJECT}-distribution-patch"
DRIFT_GUARD: Final = f"{PROJECT}-drift-guard"
ROTATE_KEYS: Final = f"{PROJECT}-rotate-keys"
TELEMETRY_INGEST: Final = f"{PROJECT}-telemetry-ingest"
TELEMETRY_DATA: Final = f"{PROJECT}-telemetry-data"
TELEMETRY_COUNT: Final = f"{PROJECT}-telemetry-count"
TELEMETRY_ANALYTICS: Final = f"{PROJECT}-telemetry-analytics"
TELEMETRY_KEYS: Final = f"{PROJECT}-telemetry-keys"
ARCHIVE: Final = f"{PROJECT}-telemetry-archive"
ARCHIVE_RETURN: Final = f"{PROJECT}-telemetry-archive-return"
ARCHIVE_PRUNE: Final = f"{PROJECT}-telemetry-archive-prune"
ARCHIVE_STREAM: Final = f"{PROJECT}-telemetry-archive"
ARCHIVE_DATABASE: Final = f"{PROJECT}_telemetry"
ARCHIVE_TABLE: Final = "telemetry"
ARCHIVE_WORKGROUP: Final = f"{PROJECT}-telemetry"
TELEMETRY_PROJECTS: Final = f"{PROJECT}-telemetry-projects"
TELEMETRY_SECRETS: Final = f"{PROJECT}-telemetry-secrets"
TELEMETRY_ERASE: Final = f"{PROJECT}-telemetry-erase"
RESOLVE_ENV: Final = f"{PROJECT}-resolve-env"
RESOLVE_ENV_CALLER: Final = f"{PROJECT}-resolve-env-caller"

EDGE_STORE: Final = f"{PROJECT}-cfgthr"
GET_START: Final = f"{PROJECT}-get-start"
GET_END: Final = f"{PROJECT}-get-end"
VALIDATE: Final = f"{PROJECT}-validate"
RANKING_CACHE: Final = f"{PROJECT}-ranking"

SCORE_API: Final = f"{PROJECT}-scores"
TELEMETRY_API: Final = f"{PROJECT}-telemetry"
API_STAGE: Final = "prod"

ALARMS: Final = f"{PROJECT}-alarms"
BUDGET: Final = f"{PROJECT}-monthly"
DASHBOARD: Final = PROJECT

CI_DEPLOY: Final = f"{PROJECT}-ci-deploy"
CI_SITE: Final = f"{PROJECT}-ci-site"
CI_DIFF: Final = f"{PROJECT}-ci-diff"


def alarm(name: str) -> str:
    return f"{PROJECT}-{name}"


def function_log_group(function_name: str) -> str:
    return f"/aws/lambda/{function_name}"


def function_role(function_name: str, region: str) -> str:
    """Roles are the whole account's, functions one region's."""
    return f"{function_name}-{region}"


def api_log_group(api_name: str) -> str:
    return f"/aws/http-api/{api_name}"
