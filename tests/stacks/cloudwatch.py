"""A model of CloudWatch as this project uses it: filter patterns, metrics, alarms, math.

It knows the forms that the stack writes and fails on any other, so that nothing goes untested.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import product
from typing import Any

Json = Any
Match = Callable[[str], bool]


def matcher(pattern: str) -> Match:
    if pattern.startswith("{"):
        return _json_matcher(pattern)
    if pattern.startswith("["):
        return lambda line: words(pattern, line) is not None
    return _any_term_matcher(pattern)


def _any_term_matcher(pattern: str) -> Match:
    """?term ?"a phrase": any of them, anywhere, in these very letters."""
    terms = re.findall(r'\?(?:"([^"]+)"|(\S+))', pattern)
    assert re.fullmatch(r'(\?("[^"]+"|[^\s"]+)\s*)+', pattern), pattern
    wanted = [phrase or word for phrase, word in terms]
    return lambda line: any(term in line for term in wanted)


def words(pattern: str, line: str) -> dict[str, str] | None:
    """[name, name = "WORD", ...]: what stands where, if the line has these words there."""
    fields = [field.strip() for field in pattern.strip("[]").split(",")]
    assert fields.pop() == "...", pattern
    found = line.split()
    if len(found) < len(fields):
        return None
    named: dict[str, str] = {}
    for wanted, word in zip(fields, found, strict=False):
        name, equals, value = wanted.partition(" = ")
        if equals and word != value.strip('"'):
            return None
        named[name] = word
    return named


_TEST = re.compile(r'\$\.(?P<field>\w+) (?P<operator>=|!=|>=) (?P<value>"[^"]*"|\d+)')


def _json_matcher(pattern: str) -> Match:
    inside = pattern.removeprefix("{").removesuffix("}").strip()
    joins = {join for join in (" && ", " || ") if join in inside}
    assert len(joins) < 2, f"mixed: {pattern}"
    [join] = joins or {" && "}
    tests = [_test(part.strip("() ")) for part in inside.split(join)]
    together = all if join == " && " else any

    def match(line: str) -> bool:
        try:
            content = json.loads(line)
        except ValueError:
            return False
        return isinstance(content, dict) and together(test(content) for test in tests)

    return match


def _test(text: str) -> Callable[[Mapping[str, Json]], bool]:
    """A field that is not there fits no test, not even an inequality."""
    parsed = _TEST.fullmatch(text)
    assert parsed, f"unknown form: {text}"
    name, operator, value = parsed["field"], parsed["operator"], parsed["value"]
    if operator == ">=":
        return lambda content: _is_number(content.get(name)) and content[name] >= float(value)
    assert value.startswith('"'), f"numbers are not compared so here: {text}"
    wanted = value.strip('"')

    def compare(content: Mapping[str, Json]) -> bool:
        if not isinstance(content.get(name), str):
            return False
        return fnmatchcase(content[name], wanted) == (operator == "=")

    return compare


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


@dataclass
class Metrics:
    """Values by metric, with the very dimensions it was written with, and moment in seconds."""

    values: dict[tuple[str, ...], list[tuple[float, float]]] = field(default_factory=dict)

    def put(self, namespace: str, metric: str, at: float, value: float, **dimensions: str) -> None:
        self.values.setdefault(_named(namespace, metric, dimensions), []).append((at, value))

    def feed(
        self, filters: Iterable[Json], group: str, lines: Iterable[str], at: float = 0
    ) -> None:
        """Log lines of a group, through the metric filters of a template and the EMF in them."""
        of_group = [each for each in filters if each["LogGroupName"] == group]
        for line in lines:
            for each in of_group:
                self._transform(each, line, at)
            self._embedded(line, at)

    def _transform(self, filter: Json, line: str, at: float) -> None:
        pattern = filter["FilterPattern"]
        if not matcher(pattern)(line):
            return
        [made] = filter["MetricTransformations"]
        value = made["MetricValue"]
        if value.startswith("$."):
            value = json.loads(line)[value[2:]]
        elif value.startswith("$"):
            value = (words(pattern, line) or {})[value[1:]]
        assert "Dimensions" not in made, made
        self.put(made["MetricNamespace"], made["MetricName"], at, float(value))

    def _embedded(self, line: str, at: float) -> None:
        if '"_aws"' not in line:
            return
        content = json.loads(line)
        for directive in content["_aws"]["CloudWatchMetrics"]:
            for metric, names in product(directive["Metrics"], directive["Dimensions"]):
                dimensions = {name: content[name] for name in names}
                values = content[metric["Name"]]
                for value in values if isinstance(values, list) else [values]:
                    self.put(directive["Namespace"], metric["Name"], at, value, **dimensions)

    def series(
        self,
        namespace: str,
        metric: str,
        statistic: str,
        period: int,
        upto: int,
        periods: int,
        dimensions: Iterable[Json] = (),
    ) -> list[float | None]:
        """The latest periods that end by then, the oldest first; None where there is no value."""
        start = upto - periods * period
        wanted = {each["Name"]: each["Value"] for each in dimensions}
        every = self.values.get(_named(namespace, metric, wanted), [])
        return [
            _statistic(
                statistic,
                [
                    value
                    for at, value in every
                    if start + number * period <= at < start + (number + 1) * period
                ],
            )
            for number in range(periods)
        ]


def _named(namespace: str, metric: str, dimensions: Mapping[str, str]) -> tuple[str, ...]:
    """To CloudWatch another dimension, or one less, is another metric."""
    return namespace, metric, *sorted(f"{name}={value}" for name, value in dimensions.items())


def _statistic(name: str, values: Sequence[float]) -> float | None:
    if not values:
        return None
    of: dict[str, Callable[[], float]] = {
        "Sum": lambda: sum(values),
        "Average": lambda: sum(values) / len(values),
        "Maximum": lambda: max(values),
        "SampleCount": lambda: float(len(values)),
    }
    return of[name]()


_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
}


def alarm_state(alarm: Json, metrics: Metrics, upto: int = 0, before: str = "OK") -> str:
    """As CloudWatch decides once every period of the window can be looked at."""
    values = _watched(alarm, metrics, upto)
    compare, threshold = _COMPARE[alarm["ComparisonOperator"]], alarm["Threshold"]
    missing = alarm["TreatMissingData"]
    assert missing in {"breaching", "notBreaching", "ignore"}
    if missing == "ignore" and all(value is None for value in values):
        return before
    bad = sum(
        compare(value, threshold) if value is not None else missing == "breaching"
        for value in values
    )
    return "ALARM" if bad >= alarm["DatapointsToAlarm"] else "OK"


def _watched(alarm: Json, metrics: Metrics, upto: int) -> list[float | None]:
    periods = alarm["EvaluationPeriods"]
    if "MetricName" in alarm:
        return metrics.series(
            alarm["Namespace"],
            alarm["MetricName"],
            alarm["Statistic"],
            alarm["Period"],
            upto,
            periods,
            alarm.get("Dimensions", ()),
        )
    queries = {query["Id"]: query for query in alarm["Metrics"]}
    [watched] = [query for query in queries.values() if query["ReturnData"]]
    filled = re.fullmatch(r"FILL\((\w+), 0\)", watched["Expression"])
    assert filled, watched["Expression"]
    stat = queries[filled[1]]["MetricStat"]
    metric = stat["Metric"]
    found = metrics.series(
        metric["Namespace"],
        metric["MetricName"],
        stat["Stat"],
        stat["Period"],
        upto,
        periods,
        metric.get("Dimensions", ()),
    )
    # Whether a series without a single value is filled is not documented; this is the worse.
    return found if all(value is None for value in found) else [value or 0 for value in found]


def sum_of_products(expression: str, values: Mapping[str, float]) -> float:
    """SUM([FILL(name, 0) * number, …])"""
    inside = re.fullmatch(r"SUM\(\[(.*)\]\)", expression)
    assert inside, expression
    total = 0.0
    for term in re.split(r", (?=FILL)", inside[1]):
        parsed = re.fullmatch(r"FILL\((\w+), 0\) \* ([\d.]+)", term)
        assert parsed, term
        total += values.get(parsed[1], 0) * float(parsed[2])
    return total


def insights(query: str, lines: Iterable[str]) -> list[dict[str, Json]]:
    """filter ispresent(…) and … | stats count(*) as n by a, b | sort n desc"""
    source, keep, stats, order = (part.strip() for part in _without_sources(query).split("|"))
    assert source == "", query
    present = re.findall(r"ispresent\((\w+)\)", keep)
    assert keep == "filter " + " and ".join(f"ispresent({name})" for name in present)
    parsed = re.fullmatch(r"stats count\(\*\) as (\w+) by ([\w, ]+)", stats)
    assert parsed, stats
    name, keys = parsed[1], parsed[2].split(", ")
    assert order == f"sort {name} desc"
    counted: dict[tuple[str, ...], int] = {}
    for content in _objects(lines):
        if all(each in content for each in present):
            key = tuple(str(content[each]) for each in keys)
            counted[key] = counted.get(key, 0) + 1
    rows = [dict(zip(keys, key, strict=True)) | {name: n} for key, n in counted.items()]
    return sorted(rows, key=lambda row: -row[name])


def _without_sources(query: str) -> str:
    return re.sub(r"^SOURCE '[^']+'(?= \|)", "", query.replace("\n", " "))


def _objects(lines: Iterable[str]) -> Iterator[dict[str, Json]]:
    for line in lines:
        if line.startswith("{"):
            yield json.loads(line)
