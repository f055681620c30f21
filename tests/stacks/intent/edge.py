"""EdgeStack: tokens, thresholds and the origin lock, patched into the site's distribution."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.stacks.intent.places import Place
from tests.stacks.intent.rows import (
    DISTRIBUTION,
    DISTRIBUTION_ID,
    GRANTS,
    LOCK,
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
START, END, VALIDATE = (
    f"arn:aws:cloudfront::{ACCOUNT}:function/htmlgame-{name}"
    for name in ("get-start", "get-end", "validate")
)
WRITE_THE_STORE: Final = (
    "cloudfront-keyvaluestore:DescribeKeyValueStore cloudfront-keyvaluestore:ListKeys "
    "cloudfront-keyvaluestore:UpdateKeys"
)


def rows(place: Place) -> Iterator[Row]:
    for part in (
        _lock_keeper(),
        _store_keeper(place),
        _distribution_patch(place),
        _drift_guard(place),
        _rotate_keys(place),
        CustomResource(id="OriginLock", provider="OriginLockProvider", handler="origin-lock"),
        CustomResource(
            id="Entries",
            provider="EntriesProvider",
            handler="edge-store",
            properties={"Entries": _entries()},
        ),
        _patch(place),
        Bucket(id="Backups", expires={"": 90}, filled_at_once=True),
    ):
        yield from part.rows(STACK, place)
    yield from libraries(STACK, signing=True)
    yield from published({"/htmlgame/edge-stack/kvs-arn": STORE})
    store = {"Name": "htmlgame-cfgthr", "Comment": "htmlgame thresholds"}
    yield "AWS::CloudFront::KeyValueStore", f"{STACK} Store", store
    for name in ("get-start", "get-end", "validate"):
        yield _edge_function(name)
    yield "AWS::CloudFront::CachePolicy", f"{STACK} RankingCache", {"CachePolicyConfig": _RANKINGS}
    # The trim's role is ScoreApiStack's.
    yield GRANTS, f"htmlgame-trim-top-{REGION}", allow(WRITE_THE_STORE, *place.only(STORE))


def _lock_keeper() -> Function:
    """Makes the lock at the first deploy and takes it away at the last; it never reads it."""
    return Function(
        id="OriginLockKeeper",
        name="origin-lock",
        module="edge.origin_lock",
        may=allow("ssm:PutParameter ssm:DeleteParameter", parameter(LOCK)),
        settings={"ORIGIN_LOCK_PARAMETER": LOCK},
        timeout=120,
    )


def _store_keeper(place: Place) -> Function:
    """Writes the games' entries and the first key."""
    return Function(
        id="StoreKeeper",
        name="edge-store",
        module="edge.store_resource",
        may=allow(WRITE_THE_STORE, *place.only(STORE)),
        settings={"STORE_ARN": STORE},
        timeout=120,
        signing=True,
    )


def _patching(place: Place) -> list[str]:
    endpoints = [SCORES, TELEMETRY] if place.telemetry else [SCORES]
    return [
        *allow("cloudfront:GetDistributionConfig cloudfront:UpdateDistribution", DISTRIBUTION),
        # looks whether what it associates is published
        *allow("cloudfront:DescribeFunction", *place.only(START, END, VALIDATE)),
        *allow("s3:PutObject", "{Backups.Arn}/*"),
        *allow("ssm:GetParameters", *map(parameter, [LOCK, *endpoints])),
    ]


def _patch_settings(place: Place) -> dict[str, str]:
    return {
        "DISTRIBUTION_ID": DISTRIBUTION_ID,
        "BACKUP_BUCKET": "{Backups}",
        "ORIGIN_LOCK_PARAMETER": LOCK,
        "SCORES_ENDPOINT_PARAMETER": SCORES,
        "TELEMETRY_ENDPOINT_PARAMETER": TELEMETRY if place.telemetry else "",
        "API_BASE_PATH": "/api",
        "GET_START": START,
        "GET_END": END,
        "VALIDATE": VALIDATE,
        "RANKING_CACHE_POLICY": "{RankingCache}",
    }


def _distribution_patch(place: Place) -> Function:
    return Function(
        id="DistributionPatch",
        name="distribution-patch",
        module="edge.patch_resource",
        # A removal waits until CloudFront has deployed it, as long as the provider lets it.
        may=[*_patching(place), *allow("cloudfront:GetDistribution", DISTRIBUTION)],
        settings=_patch_settings(place),
        timeout=14 * 60,
    )


def _patch(place: Place) -> CustomResource:
    """It runs again when an address or a setting changes; the lock must be there, and the keys."""
    endpoints = {"Endpoint": f"{{{SCORES}}}"}
    if place.telemetry:
        endpoints["Endpoint1"] = f"{{{TELEMETRY}}}"
    return CustomResource(
        id="Patch",
        provider="PatchProvider",
        handler="distribution-patch",
        properties={**endpoints, **_patch_settings(place)},
        after=["OriginLock", "Entries", "htmlgamegetstart", "htmlgamegetend", "htmlgamevalidate"],
    )


def _drift_guard(place: Place) -> Function:
    """Does what the patch does, by the hour and after each deploy that may have undone it.

    Its rules are deleted before the patch, or it would put that back while the stack goes.
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
        may=_patching(place),
        settings=_patch_settings(place),
        timeout=300,
        schedules={"Hourly": "rate(1 hour)"},
        events={"AfterDeploys": after_deploys},
        rules_after=["Patch"],
    )


def _rotate_keys(place: Place) -> Function:
    """Changes the keys and the lock, and tells the guard. It deletes nothing."""
    return Function(
        id="RotateKeys",
        name="rotate-keys",
        module="edge.rotate_keys",
        may=[
            *allow(WRITE_THE_STORE, *place.only(STORE)),
            *allow("ssm:GetParameter ssm:PutParameter", parameter(LOCK)),
            *allow("lambda:InvokeFunction", function("drift-guard")),
        ],
        settings={
            "STORE_ARN": STORE,
            "ORIGIN_LOCK_PARAMETER": LOCK,
            "GUARD_FUNCTION": "htmlgame-drift-guard",
            "REST_SECONDS": str(_rest_seconds()),
            # AWS says a few seconds; the emulator's store is in one place.
            "PROPAGATION_SECONDS": "0" if place.local else "30",
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
    """The keys: one of each game, and one of each kind of period that it has boards for."""
    return [
        f"cfgthr#g:{game}{period}"
        for game, config in _GAMES.items()
        for period in ("", *(f"#p:{kind}" for kind in config.get("periods", ["all"])))
    ]


def _rest_seconds() -> int:
    """Two minutes longer than the longest play, and than the half hour a lock travels for."""
    limits = [config.get("limits", {}) for config in _GAMES.values()]
    longest_ms: int = max(
        each.get("playMs", {}).get("max", 3_600_000)
        + each.get("pauseMs", 0)
        + each.get("graceMs", 90_000)
        for each in limits
    )
    return max(longest_ms // 1000, 30 * 60) + 120


def _edge_function(name: str) -> Row:
    """Published with each deploy, and bound to the one store."""
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
    "Comment": "By path and limit: a player's cookie must not split the cache",
    # The origin says how long; where it says nothing, nothing is kept.
    "MinTTL": 0,
    "DefaultTTL": 0,
    "MaxTTL": 3600,
    "ParametersInCacheKeyAndForwardedToOrigin": {
        "CookiesConfig": {"CookieBehavior": "none"},
        "HeadersConfig": {"HeaderBehavior": "none"},
        # Without limit in the key, the first who asks decides how much all others get.
        "QueryStringsConfig": {"QueryStringBehavior": "whitelist", "QueryStrings": ["limit"]},
        "EnableAcceptEncodingGzip": True,
        "EnableAcceptEncodingBrotli": True,
    },
}
