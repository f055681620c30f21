"""EdgeStack: tokens, thresholds and the origin lock, patched into the site's distribution."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.stacks.intent.environments import Environment
from tests.stacks.intent.rows import (
    DISTRIBUTION,
    DISTRIBUTION_ID,
    GRANTS,
    LOCK,
    LOCK_HASHES,
    Bucket,
    CustomResource,
    Function,
    Row,
    allow,
    function,
    libraries,
    parameter,
    published,
)
from tests.stacks.policies import ACCOUNT, REGION

STACK: Final = "EdgeStack"
STORE: Final = "{Store.Arn}"
SCORES: Final = "/htmlgame/score-api/api-endpoint"
TELEMETRY: Final = "/htmlgame/telemetry/api-endpoint"
PLAYERS: Final = "/htmlgame/players/api-endpoint"
INSIGHTS: Final = "/htmlgame/insights/api-endpoint"
TUNNELS: Final = "/htmlgame/tunnels/api-endpoint"
START, END, VALIDATE, RANKING = (
    f"arn:aws:cloudfront::{ACCOUNT}:function/htmlgame-{name}"
    for name in ("get-start", "get-end", "validate", "read-ranking")
)
WRITE_THE_STORE: Final = (
    "cloudfront-keyvaluestore:DescribeKeyValueStore cloudfront-keyvaluestore:ListKeys "
    "cloudfront-keyvaluestore:UpdateKeys"
)


def rows(environment: Environment) -> Iterator[Row]:
    for part in (
        _lock_keeper(),
        _store_keeper(environment),
        _distribution_patch(environment),
        _drift_guard(environment),
        _rotate_keys(environment),
        CustomResource(
            id="OriginLock",
            provider="OriginLockProvider",
            handler="origin-lock",
            properties={"Hashes": LOCK_HASHES},
        ),
        CustomResource(
            id="Entries",
            provider="EntriesProvider",
            handler="edge-store",
            properties={"Entries": _entries()},
        ),
        _patch(environment),
        Bucket(id="Backups", expires={"": 90}, filled_at_once=True),
    ):
        yield from part.rows(STACK, environment)
    yield from libraries(STACK, signing=True)
    yield from published({"/htmlgame/edge-stack/kvs-arn": STORE})
    # Empty: keys and lock are made at run time, and imported values would be in an asset.
    store = {"Name": "htmlgame-cfgthr", "Comment": "htmlgame thresholds"}
    yield "AWS::CloudFront::KeyValueStore", f"{STACK} Store", store
    for name in ("get-start", "get-end", "validate", "read-ranking"):
        yield _edge_function(name)
    yield "AWS::CloudFront::CachePolicy", f"{STACK} RankingCache", {"CachePolicyConfig": _RANKINGS}
    if environment.players:
        points = {"CachePolicyConfig": _POINTS}
        yield "AWS::CloudFront::CachePolicy", f"{STACK} PointsCache", points
    # The role itself belongs to ScoreApiStack.
    yield GRANTS, f"htmlgame-trim-top-{REGION}", allow(WRITE_THE_STORE, *environment.only(STORE))


def _lock_keeper() -> Function:
    """Creates the lock at the first deploy and deletes it at the last. It never reads it."""
    return Function(
        id="OriginLockKeeper",
        name="origin-lock",
        module="edge.origin_lock",
        may=[
            *allow("ssm:GetParameter ssm:PutParameter ssm:DeleteParameter", parameter(LOCK)),
            *allow("ssm:PutParameter ssm:DeleteParameter", parameter(LOCK_HASHES)),
        ],
        settings={"ORIGIN_LOCK_PARAMETER": LOCK},
        timeout=120,
    )


def _store_keeper(environment: Environment) -> Function:
    """Writes the games' entries and the first key."""
    return Function(
        id="StoreKeeper",
        name="edge-store",
        module="edge.store_resource",
        may=allow(WRITE_THE_STORE, *environment.only(STORE)),
        settings={"STORE_ARN": STORE},
        timeout=120,
        signing=True,
    )


def _endpoints(environment: Environment) -> list[str]:
    return [
        SCORES,
        *([TELEMETRY] if environment.telemetry else []),
        *([PLAYERS] if environment.players else []),
        *([INSIGHTS] if environment.insights else []),
        *([TUNNELS] if environment.tunnels else []),
    ]


def _patching(environment: Environment) -> list[str]:
    endpoints = _endpoints(environment)
    return [
        *allow("cloudfront:GetDistributionConfig cloudfront:UpdateDistribution", DISTRIBUTION),
        # checks that the functions it associates are published
        *allow("cloudfront:DescribeFunction", *environment.only(START, END, VALIDATE, RANKING)),
        *allow("s3:PutObject", "{Backups.Arn}/*"),
        *allow("ssm:GetParameters", *map(parameter, [LOCK, *endpoints])),
        *_having_logs_written(environment),
    ]


def _having_logs_written(environment: Environment) -> list[str]:
    """The owner of the distribution may have made its source; everything else is our own."""
    logs = f"arn:aws:logs:us-east-1:{ACCOUNT}"
    bucket = "arn:aws:s3:::{/htmlgame/insights/bucket}"
    sources, own = f"{logs}:delivery-source:*", f"{logs}:delivery-source:htmlgame-*"
    deliveries, destinations = f"{logs}:delivery:*", f"{logs}:delivery-destination:htmlgame-*"
    granted = [
        *allow("logs:CreateDelivery", *environment.only(deliveries)),
        *allow("logs:DeleteDelivery", *environment.only(deliveries)),
        *allow("logs:CreateDelivery", *environment.only(sources)),
        *allow(
            "logs:CreateDelivery logs:GetDeliveryDestination logs:PutDeliveryDestination "
            "logs:DeleteDeliveryDestination logs:PutDeliverySource logs:DeleteDeliverySource",
            *environment.only(own, destinations),
        ),
    ]
    return [
        *allow("logs:DescribeDeliveries logs:DescribeDeliverySources", "*"),
        # The CDK joins statements on the same resource.
        *(sorted(set(granted)) if environment.local else granted),
        *allow("cloudfront:AllowVendedLogDeliveryForResource", DISTRIBUTION),
        *(allow("s3:GetBucketPolicy", bucket) if environment.insights else []),
    ]


def _patch_settings(environment: Environment) -> dict[str, str]:
    return {
        "DISTRIBUTION_ID": DISTRIBUTION_ID,
        "BACKUP_BUCKET": "{Backups}",
        "ORIGIN_LOCK_PARAMETER": LOCK,
        "APIS": json.dumps(_apis(environment), separators=(",", ":")),
        "DISTRIBUTION_ARN": DISTRIBUTION,
        "ACCESS_LOGS": json.dumps([_access_log(environment)], separators=(",", ":")),
    }


def _access_log(environment: Environment) -> dict[str, object]:
    """No address, agent, cookie or query."""
    return {
        "name": "htmlgame-insights",
        "bucket": "{/htmlgame/insights/bucket}" if environment.insights else "",
        "prefix": "logs",
        "fields": [
            "timestamp(ms)",
            "x-edge-request-id",
            "cs-method",
            "cs-uri-stem",
            "sc-status",
            "sc-bytes",
            "time-taken",
            "x-edge-result-type",
            "sc-content-type",
            "origin-fbl",
        ],
        "on": environment.insights,
    }


def _apis(environment: Environment) -> list[dict[str, object]]:
    """The forwarded paths in order, and the disabled APIs to remove."""
    scores: dict[str, object] = {
        "origin": "htmlgame-scores",
        "endpoint": SCORES,
        "forwards": [
            {"pattern": "/api/get-start", "function": START},
            {"pattern": "/api/get-end", "function": END},
            {"pattern": "/api/scores/*", "writes": True, "function": VALIDATE},
            {"pattern": "/api/ranking/*", "function": RANKING, "cache_policy": "{RankingCache}"},
        ],
    }
    telemetry: dict[str, object] = {
        "origin": "htmlgame-telemetry",
        "endpoint": TELEMETRY,
        "forwards": [
            {"pattern": f"/api/{path}", "writes": True}
            for path in ("telemetry/*", "data/*", "creator*", "project*", "analytics/*")
        ],
    }
    players: dict[str, object] = {
        "origin": "htmlgame-players",
        "endpoint": PLAYERS,
        "forwards": [
            {
                "pattern": "/api/players/ranking",
                **({"cache_policy": "{PointsCache}"} if environment.players else {}),
            },
            {"pattern": "/api/players/*", "writes": True},
            {"pattern": "/api/chat*", "writes": True},
        ],
    }
    insights: dict[str, object] = {
        "origin": "htmlgame-insights",
        "endpoint": INSIGHTS,
        "forwards": [{"pattern": f"/api/{path}", "writes": True} for path in _INSIGHTS_PATHS],
    }
    tunnels: dict[str, object] = {
        "origin": "htmlgame-tunnels",
        "endpoint": TUNNELS,
        "forwards": [
            {"pattern": "/api/tunnels/*", "writes": True},
            {"pattern": "/install/*"},
        ],
    }
    return [
        scores,
        telemetry if environment.telemetry else {**telemetry, "on": False},
        players if environment.players else {**players, "on": False},
        insights if environment.insights else {**insights, "on": False},
        tunnels if environment.tunnels else {**tunnels, "on": False},
    ]


_INSIGHTS_PATHS: Final = ("insights/*", "functions/*")


def _distribution_patch(environment: Environment) -> Function:
    return Function(
        id="DistributionPatch",
        name="distribution-patch",
        module="edge.patch_resource",
        # A removal waits until CloudFront has deployed it; the provider waits 15 minutes.
        may=[*_patching(environment), *allow("cloudfront:GetDistribution", DISTRIBUTION)],
        settings=_patch_settings(environment),
        timeout=14 * 60,
    )


def _patch(environment: Environment) -> CustomResource:
    """It runs again when an address or a setting changes, and after the lock and the keys exist."""
    endpoints = {
        f"Endpoint{number or ''}": f"{{{each}}}"
        for number, each in enumerate(_endpoints(environment))
    }
    return CustomResource(
        id="Patch",
        provider="PatchProvider",
        handler="distribution-patch",
        properties={**endpoints, **_patch_settings(environment)},
        after=[
            *("OriginLock", "Entries", "htmlgamegetstart", "htmlgamegetend"),
            *("htmlgamevalidate", "htmlgamereadranking"),
        ],
    )


def _drift_guard(environment: Environment) -> Function:
    """Applies the patch again, each hour and after each deploy that may have removed it.

    Its rules are deleted before the patch. Otherwise it could restore the patch while the stack is
    being deleted.
    """
    ends = ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"]
    after_deploys = {
        "Description": "Any stack may be the one that owns the distribution",
        "EventPattern": {
            "source": ["aws.cloudformation"],
            "detail-type": ["CloudFormation Stack Status Change"],
            "detail": {"status-details": {"status": ends}},
        },
    }
    return Function(
        id="DriftGuard",
        name="drift-guard",
        module="edge.drift_guard",
        may=_patching(environment),
        settings=_patch_settings(environment),
        timeout=300,
        schedules={"Hourly": "rate(1 hour)"},
        events={"AfterDeploys": after_deploys},
        rules_after=["Patch"],
    )


def _rotate_keys(environment: Environment) -> Function:
    """Changes the keys and the lock, then calls the guard. It deletes nothing."""
    return Function(
        id="RotateKeys",
        name="rotate-keys",
        module="edge.rotate_keys",
        may=[
            *allow(WRITE_THE_STORE, *environment.only(STORE)),
            *allow("ssm:GetParameter ssm:PutParameter", parameter(LOCK)),
            *allow("ssm:PutParameter", parameter(LOCK_HASHES)),
            *allow("lambda:InvokeFunction", function("drift-guard")),
        ],
        settings={
            "STORE_ARN": STORE,
            "ORIGIN_LOCK_PARAMETER": LOCK,
            "GUARD_FUNCTION": "htmlgame-drift-guard",
            "REST_SECONDS": str(_rest_seconds()),
            # AWS says a few seconds. The emulator has one copy of the store.
            "PROPAGATION_SECONDS": "0" if environment.local else "30",
        },
        timeout=120,
        signing=True,
        schedules={"Monthly": "rate(30 days)"},
        rules_after=["Patch"],
    )


_GAMES: Final = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in (Path(__file__).parents[3] / "config" / "game-config").glob("*.json")
}


def _entries() -> list[str]:
    """One key for each game, and one for each kind of period that the game has."""
    return [
        f"cfgthr#g:{game}{period}"
        for game, config in _GAMES.items()
        for period in ("", *(f"#p:{kind}" for kind in config.get("periods", ["all"])))
    ]


def _rest_seconds() -> int:
    """Two minutes more than the longest play, and more than half an hour for the lock."""
    limits = [config.get("limits", {}) for config in _GAMES.values()]
    longest_ms: int = max(
        each.get("playMs", {}).get("max", 3_600_000)
        + each.get("pauseMs", 1000)
        + each.get("graceMs", 90_000)
        for each in limits
    )
    return max(longest_ms // 1000, 30 * 60) + 120


def _edge_function(name: str) -> Row:
    """Published at each deploy and bound to the one store."""
    row = {
        "Name": f"htmlgame-{name}",
        "AutoPublish": True,
        "FunctionConfig": {
            "Comment": f"htmlgame-{name}",
            "Runtime": "cloudfront-js-2.0",
            "KeyValueStoreAssociations": [{"KeyValueStoreARN": STORE}],
        },
    }
    return "AWS::CloudFront::Function", f"{STACK} htmlgame{name.replace('-', '')}", row


_RANKINGS: Final = {
    "Name": "htmlgame-ranking",
    "Comment": "By path, limit and from: a player's cookie must not split the cache",
    # The origin's Cache-Control decides, and without one nothing is cached.
    "MinTTL": 0,
    "DefaultTTL": 0,
    "MaxTTL": 3600,
    "ParametersInCacheKeyAndForwardedToOrigin": {
        "CookiesConfig": {"CookieBehavior": "none"},
        "HeadersConfig": {"HeaderBehavior": "none"},
        # Without limit in the key, the first request decides how many entries all others get.
        "QueryStringsConfig": {
            "QueryStringBehavior": "whitelist",
            "QueryStrings": ["limit", "from"],
        },
        "EnableAcceptEncodingGzip": True,
        "EnableAcceptEncodingBrotli": True,
    },
}

_POINTS: Final = {
    "Name": "htmlgame-players-ranking",
    "Comment": "One ranking by points for everybody, a few seconds old",
    "MinTTL": 0,
    "DefaultTTL": 0,
    "MaxTTL": 60,
    "ParametersInCacheKeyAndForwardedToOrigin": {
        "CookiesConfig": {"CookieBehavior": "none"},
        "HeadersConfig": {"HeaderBehavior": "none"},
        "QueryStringsConfig": {"QueryStringBehavior": "none"},
        "EnableAcceptEncodingGzip": True,
        "EnableAcceptEncodingBrotli": True,
    },
}
