"""What a capability's manifest consists of: all that other rooms need to know about it."""

import re
from collections.abc import Mapping
from dataclasses import field
from importlib import import_module
from typing import Any, Final, Literal

from config import names
from config.alarms import Alarm
from config.model import CapabilitySettings, part_of_manifest
from config.units import Usage

_MINUTES: Final = {"minute": 1, "hour": 60, "day": 24 * 60}
_MINUTES_A_MONTH: Final = 30 * _MINUTES["day"]
_CLOUDFORMATION: Final = "aws.cloudformation"


@part_of_manifest
class Rule:
    """An EventBridge rule that invokes a function."""

    id: str
    schedule: str = ""
    """An expression such as rate(1 hour) or cron(10 0 * * ? *)."""
    pattern: Mapping[str, Any] | None = None
    """The events that the rule waits for, where it has no schedule."""
    description: str | None = None

    @property
    def runs_a_month(self) -> int:
        """How often the schedule invokes the function. Events are not counted."""
        if not self.schedule:
            return 0
        if rate := re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", self.schedule):
            return _MINUTES_A_MONTH // (int(rate[1]) * _MINUTES[rate[2]])
        if re.fullmatch(r"cron\(\d+ \* \* \* \? \*\)", self.schedule):
            return _MINUTES_A_MONTH // _MINUTES["hour"]
        if re.fullmatch(r"cron\(\d+ \d+ \* \* \? \*\)", self.schedule):
            return _MINUTES_A_MONTH // _MINUTES["day"]
        raise ValueError(f"rule {self.id}: {self.schedule}: neither hourly, daily nor a rate")


def after_deploys(id: str, description: str) -> Rule:
    """Invokes a function after each deploy of any stack. Local deploys invoke it themselves."""
    statuses = ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"]
    return Rule(
        id=id,
        description=description,
        pattern={
            "source": [_CLOUDFORMATION],
            "detail-type": ["CloudFormation Stack Status Change"],
            "detail": {"status-details": {"status": statuses}},
        },
    )


@part_of_manifest
class Function:
    """A Lambda. Its stack gives it settings and permissions."""

    id: str
    """Of the construct; logical ids are made from it."""
    scope: str = ""
    """The construct around it, where it is not the stack itself."""
    name: str
    module: str
    timeout_seconds: int = 10
    rules: tuple[Rule, ...] = ()
    knows_games: bool = False
    writes_edge_store: bool = False
    """The layer that signs for the store costs every cold start, so only these carry it."""
    libraries: tuple[str, ...] = ()
    """Layers besides the common one: `sandbox` is that of lambdas/requirements-sandbox.txt."""
    files: tuple[str, ...] = ()
    """Files besides modules that its package has, such as lambdas/notes/templates/*.json."""
    built_files: str = ""
    """The module whose `files()` makes further files of its package, by their paths."""
    invokes_itself: bool = False
    """It continues in a new invocation when time is short, as often as it needs."""
    erases: bool = False
    """It carries what capabilities declare about the people in their tables."""
    share: float = 0
    """The most that it may use of the account's concurrency, from 0 to 1. 0 means no limit."""

    forgets: bool = False
    """It carries what capabilities declare about a signed-in person. Exactly one function does."""
    follows_forgetting: bool = False
    """That function invokes it once it has changed this capability's tables, and finds its name in
    ForgettableSettings: trim_top_function for TrimTop."""

    @property
    def layers(self) -> tuple[str, ...]:
        return (*(("signing",) if self.writes_edge_store else ()), *self.libraries)

    @property
    def runs_after_deploys(self) -> bool:
        return any(_CLOUDFORMATION in (each.pattern or {}).get("source", ()) for each in self.rules)


@part_of_manifest
class AppendOnly:
    """Items of a table that nobody may change or delete, by the table's own policy."""

    partitions: tuple[str, ...]
    """Patterns of their partition keys."""
    in_transactions: bool = False
    """They are written in transactions with items that change. AWS does not say whether a policy
    then sees the keys of one write or of all, so transactions stay allowed."""


@part_of_manifest
class Table:
    id: str
    """Of the construct; logical ids are made from it."""
    parameter: str
    """The SSM parameter that holds its name."""
    holds: tuple[str, ...] = ()
    """Records of lambdas/shared that other capabilities read here, such as projects."""
    precious: bool = True
    """It has point-in-time recovery, and outlives its stack."""
    sorted_by: str | None = "SK"
    audited: bool = False
    """Operators' changes are recorded in it. Exactly one table is."""
    append_only: AppendOnly | None = None
    streams: bool = False
    streams_old: bool = False
    """Its stream also says what the changed items were before."""
    stream_filters: tuple[Mapping[str, Any], ...] = ()
    """The changes that its stream hands to Lambdas, as Lambda's filter criteria."""
    eraser_may: tuple[str, ...] = ()
    """What erasure may do in it. A table with anything here needs lambdas/<name>/erasable.py, and
    a field of ErasableSettings with the name of its id: notes_table for NotesTable."""
    forgetter_may: tuple[str, ...] = ()
    """The same for a signed-in person, with lambdas/<name>/forgettable.py and
    ForgettableSettings."""
    forgetter_reaches: tuple[str, ...] = ("*",)
    """Patterns of the partitions that hold data of persons."""


@part_of_manifest
class EdgeFunction:
    """A CloudFront Function of the folder cf_functions/<source>."""

    source: str
    name: str


@part_of_manifest
class CachePolicy:
    """A cache policy of CloudFront. Its key is the path and these query strings."""

    id: str
    """Of the construct; logical ids are made from it."""
    name: str
    comment: str
    query_strings: tuple[str, ...] = ()
    most_seconds: int


@part_of_manifest
class Pattern:
    """A path pattern, which the distribution sends to an endpoint."""

    path: str
    """Below the API's base, or with a slash in front below the site's root."""
    writes: bool = False
    """Whether it takes methods that write, with all that the viewer sent; otherwise GET alone."""
    edge_function: str = ""
    """The source of the edge function that runs first."""
    cache_policy: str = ""
    """The name of a cache policy. Without one, nothing is cached."""

    def below(self, base: str) -> str:
        """The whole pattern, for an API with this base."""
        return self.path if self.path.startswith("/") else f"{base}/{self.path}"


@part_of_manifest
class Endpoint:
    """An API, with its own throttle, access log and alarms."""

    name: str
    parameter: str
    """The SSM parameter that holds its address."""
    origin: str
    """Its id among the distribution's origins. The patch owns ids that begin with htmlgame-."""
    kind: Literal["HTTP", "WebSocket"] = "HTTP"
    """The capability's stack makes it. An HTTP API has alarms and a part in the distribution. A
    WebSocket API has a host name of its own, and its parameter holds its wss address."""
    id: str = "Api"
    """Of the construct; logical ids are made from it."""
    cors_headers: tuple[str, ...] = ()
    """Headers that pages of other origins may send."""
    same_origin_only: bool = False
    authorizer: str = ""
    """The id of the authorizer for creators' routes, where there are any."""
    share: float = 0
    """The most that its throttle lets run at once, as a share of the account's concurrency. 0
    means that the throttle alone decides."""


@part_of_manifest
class AccessLog:
    """The distribution's access log: CloudFront's standard log, version 2, as JSON in a bucket."""

    name: str
    """Of the delivery. The patch owns deliveries whose names begin with htmlgame-."""
    bucket: str
    """The SSM parameter that holds the bucket's name."""
    prefix: str
    fields: tuple[str, ...]


@part_of_manifest
class LogTable:
    """A table on the dashboard, of a query of a function's log."""

    title: str
    function: str
    query: tuple[str, ...]


@part_of_manifest
class BilledMetric:
    """A CloudWatch metric of what AWS bills, for the dashboard's costs."""

    id: str
    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    prices: tuple[tuple[str, float], ...]
    """Ids of prices, and how many of the price's units one of this is."""
    at: Literal["origin", "cloudfront"] = "origin"


@part_of_manifest
class Sweep:
    """Rows of a table that a deploy's smoke test writes, and may delete again."""

    table: str
    """The SSM parameter that holds the table's name."""
    partitions: tuple[str, ...]
    """Patterns of partition keys."""


@part_of_manifest
class Capability:
    name: str
    summary: str = ""
    """The description of its stack."""
    own_stack: str = ""
    """The name of its stack, where that is not the capability's name with Stack after it."""
    host: str = ""
    """The capability whose stack and API it shares. Without one it has its own."""
    settings: type[CapabilitySettings] | None = None
    """Where an environment has these settings, the capability is on."""
    always: bool = False
    """It is on in every environment in which its host is on; its settings have defaults."""
    local: CapabilitySettings | None = None
    """Its settings in the environment on this machine."""
    complete: CapabilitySettings | None = None
    """Its settings in the environment that has everything."""
    functions: tuple[Function, ...] = ()
    edge_functions: tuple[EdgeFunction, ...] = ()
    cache_policies: tuple[CachePolicy, ...] = ()
    tables: tuple[Table, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    """Sent to its own first endpoint, or to its host's."""
    access_log: AccessLog | None = None
    """The patch has CloudFront write it, as long as the capability is on."""
    parameters: tuple[str, ...] = ()
    """SSM parameters that its stack or its functions write, besides those of tables and
    endpoints."""
    alarms: tuple[Alarm, ...] = ()
    units: Mapping[str, Usage] = field(default_factory=dict)
    """What its requests are billed, by name."""
    player_tokens: str = ""
    """The SSM parameter with the keys of signed-in players' tokens, where it signs players in."""
    player_hashes: str = ""
    """The SSM parameter with the key of the hashes that stand for players' keys, where it takes
    such keys."""
    page: str = ""
    """The site's page with what it knows, such as insights.html. The dashboard links to it."""
    log_tables: tuple[LogTable, ...] = ()
    billed: tuple[BilledMetric, ...] = ()
    sweeps: tuple[Sweep, ...] = ()

    @property
    def stack(self) -> str:
        """The stack that deploys it."""
        if self.host:
            host: Capability = import_module(f"config.capabilities.{self.host}").CAPABILITY
            return host.stack
        return self.own_stack or f"{self.name.capitalize()}Stack"

    @property
    def apis(self) -> tuple[Endpoint, ...]:
        """Its HTTP APIs."""
        return tuple(each for each in self.endpoints if each.kind == "HTTP")

    @property
    def all_parameters(self) -> tuple[str, ...]:
        """Every SSM parameter that a whole deploy of it leaves."""
        return (
            *(each.parameter for each in self.endpoints),
            *(each.parameter for each in self.tables),
            *self.parameters,
        )


def own_endpoint(capability: str) -> Endpoint:
    """The HTTP API that a capability has by default."""
    return Endpoint(
        name=f"{names.PROJECT}-{capability}",
        parameter=names.parameter(capability, "api-endpoint"),
        origin=f"{names.PROJECT}-{capability}",
        same_origin_only=True,
    )


def own_pattern(capability: str) -> Pattern:
    """The path pattern that a capability has by default."""
    return Pattern(path=f"{capability}/*", writes=True)
