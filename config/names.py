"""Every SSM key and physical name of the system, written once."""

from typing import Final

PROJECT: Final = "htmlgame"

FRONT_STACK: Final = "FrontStack"
EDGE_STACK: Final = "EdgeStack"
SCORE_API_STACK: Final = "ScoreApiStack"


def _parameter(stack: str, name: str) -> str:
    return f"/{PROJECT}/{stack}/{name}"


DISTRIBUTION_ID: Final = _parameter("front-stack", "cf-dist-id")
SITE_BUCKET: Final = _parameter("front-stack", "s3-bucket")

ORIGIN_LOCK: Final = _parameter("edge-stack", "origin-verify")
EDGE_STORE_ARN: Final = _parameter("edge-stack", "kvs-arn")

LOCAL_RECORD: Final = _parameter("local", "deployed")

SCORE_API_ENDPOINT: Final = _parameter("score-api", "api-endpoint")
SCORE_TABLE_NAME: Final = _parameter("score-api", "table-name")
SCORE_PUT_ARN: Final = _parameter("score-api", "lambda-put-arn")
SCORE_GET_ARN: Final = _parameter("score-api", "lambda-get-arn")
SCORE_TRIM_ARN: Final = _parameter("score-api", "lambda-trim-arn")

PUT_SCORE: Final = f"{PROJECT}-put-score"
GET_RANKING: Final = f"{PROJECT}-get-ranking"
TRIM_TOP: Final = f"{PROJECT}-trim-top"
ORIGIN_LOCK_KEEPER: Final = f"{PROJECT}-origin-lock"
STORE_KEEPER: Final = f"{PROJECT}-edge-store"
DISTRIBUTION_PATCH: Final = f"{PROJECT}-distribution-patch"
DRIFT_GUARD: Final = f"{PROJECT}-drift-guard"
ROTATE_KEYS: Final = f"{PROJECT}-rotate-keys"

EDGE_STORE: Final = f"{PROJECT}-cfgthr"
GET_START: Final = f"{PROJECT}-get-start"
GET_END: Final = f"{PROJECT}-get-end"
VALIDATE: Final = f"{PROJECT}-validate"
RANKING_CACHE: Final = f"{PROJECT}-ranking"

SCORE_API: Final = f"{PROJECT}-scores"
API_STAGE: Final = "prod"


def function_log_group(function_name: str) -> str:
    return f"/aws/lambda/{function_name}"


def function_role(function_name: str, region: str) -> str:
    """Roles are the whole account's, functions one region's."""
    return f"{function_name}-{region}"


def api_log_group(api_name: str) -> str:
    return f"/aws/http-api/{api_name}"
