"""OpsStack: alarms, a budget and a dashboard for the other stacks, which it knows by name."""

from collections.abc import Iterable, Sequence
from typing import Final, cast

from aws_cdk import Aws, CfnCondition, Duration, Fn, Token
from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from config import alarms, names
from config.alarms import Alarm, Filter
from config.environments import Environment
from config.manifests import enabled
from config.ops import Ops, may_have_budgets
from stacks.ops.dashboard import Dashboard
from stacks.shared.acknowledge import acknowledge
from stacks.shared.stack import ProjectStack

_COMPARISON: Final = {
    "at_least": cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    "below": cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
}
_MISSING: Final = {
    "good": cloudwatch.TreatMissingData.NOT_BREACHING,
    "bad": cloudwatch.TreatMissingData.BREACHING,
    "ignored": cloudwatch.TreatMissingData.IGNORE,
}
_SENDER: Final = f"{names.PROJECT}, see docs/operate/runbook.md"
"""The sender's name in mails. AWS writes the text of a budget's mail, which takes no link."""
_PERCENT_OF_BUDGET: Final = {"ACTUAL": 80, "FORECASTED": 100}
_FILTERS_AT_ONCE: Final = 3
"""CloudWatch Logs throttles PutMetricFilter, and CloudFormation does not retry."""
_ACCEPTED_OF_TOPIC: Final = {
    "AwsSolutions-SNS2": "What alarms say is no secret, and a key that CloudWatch may use is a "
    "dollar a month.",
}


class OpsStack(ProjectStack):
    def __init__(
        self,
        scope: Construct,
        *,
        environment: Environment,
        ops: Ops,
        after: Iterable[str] = (),
    ) -> None:
        """After the stacks whose log groups it reads."""
        super().__init__(
            scope,
            names.OPS_STACK,
            description="Alarms, a budget and a dashboard.",
            environment=environment,
        )
        self.after.update(after)
        capabilities = enabled(environment)
        every = list(alarms.alarms(capabilities))
        ops.check(alarm.name for alarm in every)
        self._topic = self._alarm_topic(environment, ops)
        self._filters: list[logs.MetricFilter] = []
        self._measure(every)
        self._filter("billed", alarms.billed(capabilities))
        self._take_turns()
        wanted = [alarm for alarm in every if alarm.name not in ops.off]
        # The emulator knows no metric math and no budgets.
        known = [alarm for alarm in wanted if not (environment.is_local and alarm.fill)]
        made = [self._alarm(alarm) for alarm in known if not self._is_elsewhere(alarm.region)]
        # A condition would not help: CloudFormation refuses a template that names an unknown type.
        possible = not environment.is_local and may_have_budgets(environment.region)
        if ops.budget_usd is not None and possible:
            self._budget(ops.budget_usd)
        if ops.dashboard:
            certain = [alarm for alarm in made if _resource(alarm).cfn_options.condition is None]
            Dashboard(
                self,
                "Dashboard",
                capabilities=capabilities,
                watched=every,
                alarms=certain,
                own_site=environment.own_site,
            )

    def _alarm_topic(self, environment: Environment, ops: Ops) -> sns.Topic:
        topic = sns.Topic(
            self,
            "Alarms",
            topic_name=names.ALARMS,
            display_name=_SENDER,
            enforce_ssl=not environment.is_local,  # the emulator speaks plain HTTP
        )
        for sid, service in (("Alarms", "cloudwatch"), ("Budget", "budgets")):
            topic.add_to_resource_policy(
                iam.PolicyStatement(
                    sid=sid,
                    principals=[iam.ServicePrincipal(f"{service}.amazonaws.com")],
                    actions=["sns:Publish"],
                    resources=[topic.topic_arn],
                    conditions={"StringEquals": {"aws:SourceAccount": self.account}},
                )
            )
        if ops.email is not None:
            topic.add_subscription(subscriptions.EmailSubscription(ops.email))
        acknowledge(topic, _ACCEPTED_OF_TOPIC)
        return topic

    def _measure(self, every: Sequence[Alarm]) -> None:
        """Makes the metric even where the alarm is off: the dashboard shows it."""
        for alarm in every:
            for number, each in enumerate(alarm.filters):
                self._filter(f"{alarm.name}{number}", each)

    def _filter(self, id: str, filter: Filter) -> None:
        within = Construct(self, f"{id}-lines")
        for group in filter.groups:
            name = group.strip("/").replace("/", "-")
            made = logs.MetricFilter(
                within,
                name,
                log_group=logs.LogGroup.from_log_group_name(within, f"{name}-group", group),
                filter_pattern=logs.FilterPattern.literal(filter.pattern),
                metric_namespace=alarms.NAMESPACE,
                metric_name=filter.metric,
                metric_value=filter.value,
            )
            self._filters.append(made)

    def _take_turns(self) -> None:
        """Each filter waits for the one three positions before it."""
        for earlier, later in zip(self._filters, self._filters[_FILTERS_AT_ONCE:], strict=False):
            later.node.add_dependency(earlier)

    def _is_elsewhere(self, region: str | None) -> bool:
        """The region is known at synthesis only where config names one."""
        return region not in {None, self.region} and not Token.is_unresolved(self.region)

    def _only_in(self, region: str, alarm: cloudwatch.Alarm) -> None:
        if Token.is_unresolved(self.region):
            here = CfnCondition(
                self,
                f"{alarm.node.id}-here",
                expression=Fn.condition_equals(Aws.REGION, region),
            )
            _resource(alarm).cfn_options.condition = here

    def _metric(self, spec: Alarm) -> cloudwatch.IMetric:
        found = {name: self.parameter_value(parameter) for name, parameter in spec.parameters}
        metric = cloudwatch.Metric(
            namespace=spec.namespace,
            metric_name=spec.metric,
            dimensions_map=dict(spec.dimensions) | found,
            statistic=spec.statistic,
            period=Duration.seconds(spec.period),
        )
        if not spec.fill:
            return metric
        return cloudwatch.MathExpression(
            expression="FILL(counted, 0)",
            using_metrics={"counted": metric},
            period=Duration.seconds(spec.period),
            label=spec.metric,
        )

    def _alarm(self, spec: Alarm) -> cloudwatch.Alarm:
        alarm = cloudwatch.Alarm(
            self,
            spec.name,
            alarm_name=names.alarm(spec.name),
            alarm_description=spec.description,
            metric=self._metric(spec),
            threshold=spec.threshold,
            comparison_operator=_COMPARISON[spec.fires],
            evaluation_periods=spec.of,
            datapoints_to_alarm=spec.periods,
            treat_missing_data=_MISSING[spec.missing],
        )
        if spec.quiet_minutes:
            warm_up = cloudwatch.CfnAlarm.WarmUpConfigurationProperty(
                warm_up_period_duration_in_minutes=spec.quiet_minutes,
                only_start_evaluating_after_warm_up_period_ends=True,
            )
            _resource(alarm).warm_up_configuration = warm_up
        if spec.region is not None:
            self._only_in(spec.region, alarm)
        publish = actions.SnsAction(self._topic)
        alarm.add_alarm_action(publish)
        alarm.add_ok_action(publish)
        return alarm

    def _budget(self, usd: float) -> None:
        """Reports actual and forecast spending. A budget without actions is free."""
        subscriber = budgets.CfnBudget.SubscriberProperty(
            subscription_type="SNS", address=self._topic.topic_arn
        )
        budget = budgets.CfnBudget(
            self,
            "Budget",
            budget=budgets.CfnBudget.BudgetDataProperty(
                budget_name=names.BUDGET,
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=budgets.CfnBudget.SpendProperty(amount=usd, unit="USD"),
            ),
            notifications_with_subscribers=[
                budgets.CfnBudget.NotificationWithSubscribersProperty(
                    notification=budgets.CfnBudget.NotificationProperty(
                        notification_type=kind,
                        comparison_operator="GREATER_THAN",
                        threshold=percent,
                        threshold_type="PERCENTAGE",
                    ),
                    subscribers=[subscriber],
                )
                for kind, percent in _PERCENT_OF_BUDGET.items()
            ],
        )
        # AWS checks that it may publish to the topic when the budget is created.
        budget.node.add_dependency(self._topic.node.find_child("Policy"))


def _resource(alarm: cloudwatch.Alarm) -> cloudwatch.CfnAlarm:
    return cast("cloudwatch.CfnAlarm", alarm.node.default_child)
