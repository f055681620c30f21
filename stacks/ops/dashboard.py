"""One page that answers: is it healthy, who plays what, what did the last 24 hours cost?"""

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from aws_cdk import aws_cloudwatch as cloudwatch

from config import alarms, names
from config.alarms import Alarm
from config.dashboards import dashboards
from config.manifest import Capability, LogTable
from stacks.ops.costs import (
    Cost,
    Metrics,
    by_id,
    cost_expression,
    edge_costs,
    edge_metrics,
    origin_costs,
    origin_metrics,
)
from stacks.ops.metrics import DAY, STEP, cloudfront, consumed, logged
from stacks.shared.stack import ProjectStack

_FULL: Final = 24
_OF_THE_DOLLARS: Final = (
    "For the time range of this page, which is the last 24 hours by default; free tiers are not "
    "subtracted. Reads of the edge's store are estimated from calls, with 2 boards a submission. "
    "**Not included, because no metric has them:** invalidated paths, calls that write the edge's "
    "store, KMS, storage, and monthly prices. `make cost` includes them; the bill is AWS's."
)
_REQUESTS: Final = (("Sum", "failed"), ("SampleCount", "requests"))
_UNITS: Final[tuple[Literal["Read", "Write"], ...]] = ("Read", "Write")


class Dashboard(cloudwatch.Dashboard):
    def __init__(
        self,
        stack: ProjectStack,
        id: str,
        *,
        capabilities: Sequence[Capability],
        watched: Sequence[Alarm],
        alarms: Sequence[cloudwatch.IAlarm],
        own_site: bool,
    ) -> None:
        super().__init__(stack, id, dashboard_name=names.DASHBOARD, default_interval=DAY)
        self._capabilities = capabilities
        self._watched = watched
        self._own_site = own_site
        self._tables = {
            table.parameter.removeprefix(f"/{names.PROJECT}/"): stack.parameter_value(
                table.parameter
            )
            for capability in capabilities
            for table in capability.tables
        }
        self._distribution = {
            "DistributionId": stack.parameter_value(names.DISTRIBUTION_ID),
            "Region": "Global",
        }
        self.add_widgets(_title("Is it healthy?"))
        self.add_widgets(cloudwatch.AlarmStatusWidget(title="Alarms", alarms=alarms, width=_FULL))
        self.add_widgets(*self._health())
        for each in self._links(stack):
            self.add_widgets(each)
        self.add_widgets(_title("Who plays what?"))
        self.add_widgets(*(_log_table(each) for one in capabilities for each in one.log_tables))
        of_costs = self._of_costs(stack)
        of_costs.add_widgets(_title("What did it cost?"), _text(_OF_THE_DOLLARS, height=3))
        of_costs.add_widgets(*self._costs())

    def _of_costs(self, stack: ProjectStack) -> cloudwatch.Dashboard:
        if names.COSTS_DASHBOARD not in dashboards(self._capabilities):
            return self
        self.add_widgets(_text(f"Costs are on the dashboard `{names.COSTS_DASHBOARD}`.", height=1))
        return cloudwatch.Dashboard(
            stack, "Costs", dashboard_name=names.COSTS_DASHBOARD, default_interval=DAY
        )

    def _health(self) -> Iterator[cloudwatch.IWidget]:
        for name in [each.name for each in self._capabilities if each.apis]:
            metric = alarms.server_errors_metric(name)
            requests = [logged(metric, of, label) for of, label in _REQUESTS]
            yield _graph(f"Requests that reach the {name} API", requests)
        yield self._failed_at_the_distribution()
        yield _graph("An invocation's milliseconds", [logged(alarms.BILLED_MS, "p95", "p95")])
        yield _graph(
            "What went wrong",
            [
                logged(each.metric, "Sum", each.metric, dimensions=dict(each.dimensions))
                for each in self._watched
                if each.shown
            ],
        )
        yield _graph(
            "Tables: units used",
            [
                consumed(table, kind, STEP, label=f"{name} {kind.lower()}s")
                for name, table in self._tables.items()
                for kind in _UNITS
            ],
        )

    def _links(self, stack: ProjectStack) -> Iterator[cloudwatch.IWidget]:
        """To the site's pages, where the site is ours and its address is known."""
        pages = [each for each in self._capabilities if each.page]
        if pages and self._own_site:
            site = stack.parameter_value(names.SITE_ADDRESS)
            links = (f"[{each.name.capitalize()}]({site}/{each.page})" for each in pages)
            yield _text(f"More on the site: {', '.join(links)}", height=1)

    def _failed_at_the_distribution(self) -> cloudwatch.IWidget:
        failed = cloudfront(
            alarms.DISTRIBUTION_ERRORS,
            self._distribution,
            statistic="Average",
            period=STEP,
            label="failed",
        )
        title = "Failed requests to the site, in per cent, at the edge or behind it"
        return _graph(title, [failed])

    def _costs(self) -> Iterator[cloudwatch.IWidget]:
        every = self._capabilities
        used = origin_metrics(every, self._tables.values())
        yield _dollars("At the origin", origin_costs(every), used)
        used = edge_metrics(every, self._distribution)
        yield _dollars("At the edge", edge_costs(every), used, alarms.CLOUDFRONT_REGION)


def _title(text: str) -> cloudwatch.TextWidget:
    return _text(f"## {text}", height=1)


def _text(markdown: str, *, height: int) -> cloudwatch.TextWidget:
    return cloudwatch.TextWidget(markdown=markdown, width=_FULL, height=height)


def _graph(title: str, metrics: Sequence[cloudwatch.IMetric]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=_FULL // 2)


def _dollars(
    title: str, costs: Sequence[Cost], used: Metrics, region: str | None = None
) -> cloudwatch.SingleValueWidget:
    dollars = cloudwatch.MathExpression(
        expression=cost_expression(costs, used),
        using_metrics=by_id(used),
        label="dollars",
        period=DAY,
        search_region=region,
    )
    return cloudwatch.SingleValueWidget(
        title=title,
        metrics=[dollars],
        region=region,
        full_precision=True,
        set_period_to_time_range=True,
        width=_FULL // 2,
    )


def _log_table(table: LogTable) -> cloudwatch.LogQueryWidget:
    return cloudwatch.LogQueryWidget(
        title=table.title,
        log_group_names=[names.function_log_group(table.function)],
        query_lines=list(table.query),
        view=cloudwatch.LogQueryVisualizationType.TABLE,
        width=_FULL // 3,
    )
