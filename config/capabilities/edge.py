"""Edge: what keeps htmlgame's part in the distribution, its store and its keys."""

from typing import Final

from config import names
from config.alarms import CLOUDFRONT, CLOUDFRONT_REGION, DISTRIBUTION_ERRORS, HOUR, MINUTE, Alarm
from config.manifest import Capability, Function, Rule, after_deploys

DRIFT_HEALED: Final = "DriftHealed"

ORIGIN_LOCK_KEEPER: Final = Function(
    id="OriginLockKeeper",
    name=f"{names.PROJECT}-origin-lock",
    module="lambdas.edge.origin_lock",
    timeout_seconds=120,
)
STORE_KEEPER: Final = Function(
    id="StoreKeeper",
    name=f"{names.PROJECT}-edge-store",
    module="lambdas.edge.store_resource",
    timeout_seconds=120,
    writes_edge_store=True,
)
DISTRIBUTION_PATCH: Final = Function(
    id="DistributionPatch",
    name=f"{names.PROJECT}-distribution-patch",
    module="lambdas.edge.patch_resource",
    # A removal waits for CloudFront, and CDK's provider framework ends after 15 minutes.
    timeout_seconds=14 * 60,
)
DRIFT_GUARD: Final = Function(
    id="DriftGuard",
    name=f"{names.PROJECT}-drift-guard",
    module="lambdas.edge.drift_guard",
    timeout_seconds=5 * 60,
    rules=(
        Rule(id="Hourly", schedule="rate(1 hour)"),
        after_deploys("AfterDeploys", "Any stack may be the one that owns the distribution"),
    ),
)
ROTATE_KEYS: Final = Function(
    id="RotateKeys",
    name=f"{names.PROJECT}-rotate-keys",
    module="lambdas.edge.rotate_keys",
    timeout_seconds=120,
    rules=(Rule(id="Monthly", schedule="rate(30 days)"),),
    writes_edge_store=True,
)

_SERVER_ERRORS: Final = Alarm(
    name="edge-5xx",
    means="One in twenty or more of all requests to the site fails, possibly at the edge.",
    first="htmlgame doctor: it checks the edge, which no other alarm covers.",
    metric=DISTRIBUTION_ERRORS,
    namespace=CLOUDFRONT,
    dimensions=(("Region", "Global"),),
    parameters=(("DistributionId", names.DISTRIBUTION_ID),),
    region=CLOUDFRONT_REGION,
    statistic="Average",
    period=5 * MINUTE,
    threshold=5,
    periods=2,
    of=3,
)
_DRIFT: Final = Alarm(
    name="drift",
    means="Someone removed htmlgame's part of the distribution; the drift guard restored it.",
    first="find out who deploys the distribution; see docs/explanation/edge.md.",
    metric=DRIFT_HEALED,
    dimensions=(("service", "edge"),),
    period=HOUR,
    threshold=1,
    shown=True,
)

CAPABILITY: Final = Capability(
    name="edge",
    summary="Play tokens, thresholds and the lock, patched into the site's distribution.",
    always=True,
    functions=(ORIGIN_LOCK_KEEPER, STORE_KEEPER, DISTRIBUTION_PATCH, DRIFT_GUARD, ROTATE_KEYS),
    parameters=(names.ORIGIN_LOCK, names.EDGE_STORE_ARN),
    alarms=(_SERVER_ERRORS, _DRIFT),
)
