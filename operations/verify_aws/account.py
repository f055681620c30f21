"""The deployed account. Each fact is read from AWS once."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import Any, Final, Literal

from botocore.exceptions import ClientError

from config import names
from config.environments import Environment
from config.manifests import enabled, stacks
from lambdas.edge.distribution import Distribution, Reading
from operations.cli.output import Output
from operations.cli.session import Session
from operations.cli.target import Target

OURS: Final = f"{names.PROJECT}: "
"""The descriptions of htmlgame's stacks begin with this."""
_MOST_PAGES: Final = 40
_HOUR: Final = 3600
_REPORT: Final = '"REPORT RequestId"'
_BILLED: Final = re.compile(r"Billed Duration: ([\d.]+) ms")
_INIT: Final = re.compile(r"Init Duration: ([\d.]+) ms")


class NothingDeployed(Exception):
    """No deployed stack of htmlgame has what a check needs."""


@dataclass(frozen=True, slots=True)
class Stack:
    name: str
    status: str
    description: str
    created_ms: int


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of a deployed stack, with its properties in the template."""

    stack: str
    kind: str
    logical_id: str
    physical_id: str
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Report:
    """Lambda's last line of one invocation."""

    at_ms: int
    billed_ms: float
    init_ms: float | None
    """None for a warm start."""


class Account:
    def __init__(self, target: Target, site: str | None = None) -> None:
        self.target = target
        self.session = Session(target, Output(as_json=True))
        self._site = site
        self._templates: dict[str, Mapping[str, Any]] = {}

    @property
    def environment(self) -> Environment:
        return self.target.environment

    @property
    def is_local(self) -> bool:
        return self.target.is_local

    @property
    def region(self) -> str:
        return self.target.region

    @property
    def id(self) -> str:
        return self.target.identity.split(":")[4]

    @property
    def now_ms(self) -> int:
        return self.session.now_ms

    def client(self, service: str, region: str | None = None) -> Any:
        return self.target.shared(service, region)

    def parameter(self, name: str, stack: str) -> str:
        return self.session.parameter(name, stack)

    @cached_property
    def site(self) -> str | None:
        """The given address, else CloudFront's own address of the distribution."""
        if self._site is not None:
            return self._site
        return None if self.is_local else f"https://{self.distribution['DomainName']}"

    @cached_property
    def distribution_id(self) -> str:
        return self.parameter(names.DISTRIBUTION_ID, names.FRONT_STACK)

    @cached_property
    def distribution(self) -> Mapping[str, Any]:
        answer = self.client("cloudfront").get_distribution(Id=self.distribution_id)
        found: Mapping[str, Any] = answer["Distribution"]
        return found

    @cached_property
    def distribution_config(self) -> Reading:
        return Distribution(self.client("cloudfront"), self.distribution_id).read()

    @property
    def wanted_stacks(self) -> Sequence[str]:
        environment = self.environment
        own = {each.stack for each in enabled(environment) if not each.host}
        wanted = {
            names.FRONT_STACK: environment.own_site,
            names.OPS_STACK: environment.ops is not None,
            names.CI_STACK: environment.ci is not None,
        }
        return [name for name in stacks() if wanted.get(name, name in own)]

    @cached_property
    def stacks(self) -> Mapping[str, Stack]:
        """The wanted stacks that exist, including stacks of other programs."""
        found = {name: self._stack(name) for name in self.wanted_stacks}
        return {name: stack for name, stack in found.items() if stack is not None}

    def _stack(self, name: str) -> Stack | None:
        try:
            [found] = self.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
        return Stack(
            name,
            found["StackStatus"],
            # The emulator keeps it in the template alone.
            found.get("Description") or self._template(name).get("Description", ""),
            _milliseconds(found["CreationTime"]),
        )

    def _template(self, stack: str) -> Mapping[str, Any]:
        if stack not in self._templates:
            body = self.client("cloudformation").get_template(StackName=stack)["TemplateBody"]
            # A stack of another program may have a YAML template.
            self._templates[stack] = body if isinstance(body, dict) else {}
        return self._templates[stack]

    def stack(self, name: str) -> Stack:
        if name not in self.stacks:
            raise NothingDeployed(f"there is no {name}")
        return self.stacks[name]

    def resources(self, kind: str) -> list[Resource]:
        """The resources of one type in all deployed stacks of htmlgame; at least one."""
        found = [each for each in self.all_resources if each.kind == kind]
        if not found:
            raise NothingDeployed(f"no stack of htmlgame has an {kind}")
        return found

    @cached_property
    def all_resources(self) -> list[Resource]:
        ours = [each.name for each in self.stacks.values() if each.description.startswith(OURS)]
        return [resource for name in ours for resource in self._resources_of(name)]

    def _resources_of(self, stack: str) -> Iterator[Resource]:
        planned = self._template(stack).get("Resources", {})
        pages = (
            self.client("cloudformation")
            .get_paginator("list_stack_resources")
            .paginate(StackName=stack)
        )
        for found in (each for page in pages for each in page["StackResourceSummaries"]):
            logical_id = found["LogicalResourceId"]
            yield Resource(
                stack,
                found["ResourceType"],
                logical_id,
                found.get("PhysicalResourceId", ""),
                planned.get(logical_id, {}).get("Properties", {}),
            )

    def reports(self, function: str, since_ms: int, pattern: str = _REPORT) -> list[Report]:
        """The reports of one Lambda, the oldest first; at most a few pages of them."""
        events = self.log_events(names.function_log_group(function), since_ms, pattern)
        return [each for event in events if (each := _report(event)) is not None]

    def log_events(self, group: str, since_ms: int, pattern: str) -> list[Mapping[str, Any]]:
        pages = (
            self.client("logs")
            .get_paginator("filter_log_events")
            .paginate(logGroupName=group, startTime=since_ms, filterPattern=pattern)
        )
        return [event for page in islice(pages, _MOST_PAGES) for event in page["events"]]

    def metric(
        self,
        namespace: str,
        name: str,
        *,
        dimensions: Mapping[str, str] | None = None,
        hours: int,
        statistic: Literal["Sum", "SampleCount"] = "Sum",
        region: str | None = None,
    ) -> float:
        """The sum of a metric over the last hours, up to 60 days."""
        given = (dimensions or {}).items()
        answer = self.client("cloudwatch", region).get_metric_statistics(
            Namespace=namespace,
            MetricName=name,
            Dimensions=[{"Name": key, "Value": value} for key, value in given],
            StartTime=self.now_ms / 1000 - hours * _HOUR,
            EndTime=self.now_ms / 1000,
            Period=_HOUR,
            Statistics=[statistic],
        )
        return float(sum(each[statistic] for each in answer["Datapoints"]))


def _report(event: Mapping[str, Any]) -> Report | None:
    billed, init = _BILLED.search(event["message"]), _INIT.search(event["message"])
    if billed is None:
        return None
    return Report(event["timestamp"], float(billed[1]), float(init[1]) if init else None)


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
