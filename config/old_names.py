"""Names from before the manifests, for rooms that still use them. Delete it once none does."""

from typing import Any, Final

from config import names
from config.capabilities import (
    analytics,
    archive,
    creators,
    data,
    edge,
    erasure,
    scores,
    secrets,
    telemetry,
)
from config.manifests import stacks
from config.paths import API_BASE_PATH
from lambdas.analytics import routes as analytics_routes
from lambdas.data import routes as data_routes
from lambdas.scores import routes as score_routes
from lambdas.telemetry import routes as telemetry_routes

_OLD: Final[dict[str, dict[str, Any]]] = {
    "config.names": {
        "EDGE_STACK": edge.CAPABILITY.stack,
        "SCORE_API_STACK": scores.CAPABILITY.stack,
        "TELEMETRY_STACK": telemetry.CAPABILITY.stack,
        "STACKS": stacks(),
        "SCORE_API_ENDPOINT": scores.ENDPOINT.parameter,
        "SCORE_TABLE_NAME": scores.TABLE.parameter,
        "SCORE_PUT_ARN": scores.PUT_ARN,
        "SCORE_GET_ARN": scores.GET_ARN,
        "SCORE_TRIM_ARN": scores.TRIM_ARN,
        "TELEMETRY_API_ENDPOINT": telemetry.ENDPOINT.parameter,
        "TELEMETRY_TABLE_NAME": telemetry.TABLE.parameter,
        "RATE_TABLE_NAME": telemetry.RATES.parameter,
        "DATA_TABLE_NAME": data.TABLE.parameter,
        "CREATOR_TABLE_NAME": creators.TABLE.parameter,
        "SECRET_TABLE_NAME": secrets.TABLE.parameter,
        "RESOLVE_ENV_ARN": secrets.RESOLVE_ENV_ARN,
        "ARCHIVE_BUCKET": archive.BUCKET,
        "TELEMETRY_TOKEN_KEYS": names.TOKEN_KEYS,
        "TELEMETRY_HASH_KEY": names.HASH_KEY,
        "PUT_SCORE": scores.PUT_SCORE.name,
        "GET_RANKING": scores.GET_RANKING.name,
        "TRIM_TOP": scores.TRIM_TOP.name,
        "ORIGIN_LOCK_KEEPER": edge.ORIGIN_LOCK_KEEPER.name,
        "STORE_KEEPER": edge.STORE_KEEPER.name,
        "DISTRIBUTION_PATCH": edge.DISTRIBUTION_PATCH.name,
        "DRIFT_GUARD": edge.DRIFT_GUARD.name,
        "ROTATE_KEYS": edge.ROTATE_KEYS.name,
        "TELEMETRY_INGEST": telemetry.INGEST.name,
        "TELEMETRY_DATA": data.API.name,
        "TELEMETRY_COUNT": telemetry.COUNT.name,
        "TELEMETRY_ANALYTICS": analytics.API.name,
        "TELEMETRY_KEYS": telemetry.KEYS.name,
        "ARCHIVE": archive.FEED.name,
        "ARCHIVE_RETURN": archive.BRING_BACK.name,
        "ARCHIVE_PRUNE": archive.PRUNE.name,
        "ARCHIVE_STREAM": archive.STREAM,
        "ARCHIVE_DATABASE": archive.DATABASE,
        "ARCHIVE_TABLE": archive.TABLE,
        "ARCHIVE_WORKGROUP": archive.WORKGROUP,
        "TELEMETRY_PROJECTS": creators.API.name,
        "TELEMETRY_SECRETS": secrets.API.name,
        "TELEMETRY_ERASE": erasure.ERASE.name,
        "RESOLVE_ENV": secrets.RESOLVE_ENV.name,
        "RESOLVE_ENV_CALLER": secrets.RESOLVE_ENV_CALLER,
        "GET_START": scores.GET_START.name,
        "GET_END": scores.GET_END.name,
        "VALIDATE": scores.VALIDATE.name,
        "RANKING_CACHE": scores.RANKING_CACHE.name,
        "SCORE_API": scores.ENDPOINT.name,
        "TELEMETRY_API": telemetry.ENDPOINT.name,
    },
    "config.units": {
        "FULL_BOARD": scores.FULL_BOARD,
        "STANDING_BYTES": scores.STANDING_BYTES,
        "RANKING_BYTES": scores.RANKING_BYTES,
        "QUERY_UNITS": scores.QUERY_UNITS,
        "START": scores.START,
        "END": scores.END,
        "RANKING_CACHED": scores.RANKING_CACHED,
        "RANKING_FRESH": scores.RANKING_FRESH,
        "ACCEPTED": scores.ACCEPTED,
        "EVICTED": scores.EVICTED,
        "INVALIDATED": scores.INVALIDATED,
        "submission": scores.submission,
        "refused": scores.refused,
        "EVENT_BYTES": telemetry.EVENT_BYTES,
        "SESSION": telemetry.SESSION,
        "PLAYER_KEY": telemetry.PLAYER_KEY,
        "SESSION_END": telemetry.SESSION_END,
        "events": telemetry.events,
        "COUNTED": telemetry.COUNTED,
        "LEAST_FIREHOSE_BYTES": archive.LEAST_FIREHOSE_BYTES,
    },
    "config.paths": {
        "PUT_SCORE": score_routes.ROUTES.path("put_score", API_BASE_PATH),
        "GET_RANKING": score_routes.ROUTES.path("get_ranking", API_BASE_PATH),
        "TELEMETRY": f"{API_BASE_PATH}{telemetry_routes.ROUTES.prefix}",
        "DATA": f"{API_BASE_PATH}{data_routes.ROUTES.prefix}",
        "ANALYTICS_SUMMARY": analytics_routes.ROUTES.path("summary", API_BASE_PATH),
        "RANKINGS": score_routes.ROUTES.path("get_ranking", API_BASE_PATH).partition("/{")[0],
    },
}


def old(module: str, name: str) -> Any:
    try:
        return _OLD[module][name]
    except KeyError:
        raise AttributeError(f"module {module!r} has no attribute {name!r}") from None
