"""A file counts once: repeated, reordered, at the same time as others, or after a crash."""

import gzip
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.insights.aggregates import Aggregate, Runs
from lambdas.insights.folding import Folded, fold
from lambdas.insights.summaries import summary
from lambdas.insights.table import InsightsTable
from lambdas.shared.values.clock import iso
from local.dynamodb.tables import table_named
from tests.lambdas.insights.logs import CATALOGUE, HOUR_MS, NOON, line, packed

STEMS = ("/api/ranking/snake/all", "/api/get-start", "/index.html", "/api/scores/snake/all/u1")
RESULTS = ("Hit", "Miss", "RefreshHit", "Error")


class Crash(Exception):
    pass


class Memory:
    """Files and counts in memory, which may crash before or after any write."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = dict(files)
        self.rows: dict[tuple[str, str], bytes] = {}
        self.aside: dict[str, bytes] = {}
        self.hours: dict[tuple[str, str, str], tuple[Aggregate, set[str]]] = {}
        self.crash_at: int | None = None
        self.steps = 0

    def _step(self) -> None:
        self.steps += 1
        if self.steps == self.crash_at:
            raise Crash

    def _write(self, do: Callable[[], None]) -> None:
        self._step()
        do()
        self._step()

    def read(self, key: str) -> bytes | None:
        return self.files.get(key)

    def write_rows(self, day: str, name: str, content: bytes) -> None:
        self._write(lambda: self.rows.__setitem__((day, name), content))

    def set_aside(self, key: str, content: bytes) -> None:
        self._write(lambda: self.aside.__setitem__(key, content))

    def delete(self, key: str) -> None:
        self._step()
        self.files.pop(key, None)
        self._step()

    def count(self, day: str, hour: str, fn: str, counted: Aggregate, mark: str) -> bool:
        self._step()
        total, seen = self.hours.setdefault((day, hour, fn), (Aggregate(), set()))
        new = mark not in seen
        if new:
            total.merge(counted)
            seen.add(mark)
        self._step()
        return new


def folded(memory: Memory, key: str) -> Folded | None:
    return fold(key, memory, memory, catalogue=CATALOGUE, hashing=lambda user, _: user, now_ms=NOON)


def requests(chance: random.Random, start: int, number: int) -> list[dict[str, Any]]:
    return [
        line(
            start + each,
            **{
                "timestamp(ms)": str(NOON - chance.randrange(15 * HOUR_MS)),
                "cs-uri-stem": chance.choice(STEMS),
                "x-edge-result-type": chance.choice(RESULTS),
                "sc-status": chance.choice(["200", "200", "422", "503"]),
                "time-taken": f"{chance.lognormvariate(-5, 1):.3f}",
            },
        )
        for each in range(number)
    ]


def recount(lines: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "times": len(lines),
        "statuses": Counter(int(each["sc-status"]) for each in lines),
        "hits": sum(each["x-edge-result-type"] in ("Hit", "RefreshHit") for each in lines),
        "us": sum(round(float(each["time-taken"]) * 1e6) for each in lines),
        "bytes": sum(int(each["sc-bytes"]) for each in lines),
    }


def counted(hours: Iterator[Aggregate]) -> dict[str, Any]:
    total = Aggregate()
    for hour in hours:
        total.merge(hour)
    return {
        "times": total.times,
        "statuses": total.statuses,
        "hits": total.hits,
        "us": total.us,
        "bytes": total.bytes,
    }


@settings(max_examples=60)
@given(st.integers(0, 1 << 32))
def test_crashes_anywhere_repeats_and_any_order_give_the_recount(seed: int) -> None:
    chance = random.Random(seed)
    lines = [requests(chance, 1000 * number, chance.randrange(1, 30)) for number in range(4)]
    files = {f"edge/{number}.gz": packed(each) for number, each in enumerate(lines)}
    memory = Memory(files)
    told = chance.choices(list(files), k=8)
    for key in told:
        memory.crash_at = memory.steps + chance.randrange(1, 30)
        with suppress(Crash):
            folded(memory, key)
        if chance.random() < 0.3:  # CloudFront delivers the file again
            memory.files[key] = files[key]
    memory.crash_at = None
    for key in chance.sample(list(files), k=len(files)):
        folded(memory, key)
    everything = [each for own in lines for each in own]
    assert counted(total for total, _ in memory.hours.values()) == recount(everything)
    ids = [json.loads(text)["id"] for file in memory.rows.values() for text in texts(file)]
    assert sorted(ids) == sorted(each["x-edge-request-id"] for each in everything)
    assert not memory.files


def texts(file: bytes) -> list[str]:
    return gzip.decompress(file).decode().splitlines()


def test_every_single_crash_is_survived() -> None:
    lines = requests(random.Random(3), 0, 40)
    steps = Memory({"edge/a.gz": packed(lines)})
    folded(steps, "edge/a.gz")
    for crash_at in range(1, steps.steps + 1):
        memory = Memory({"edge/a.gz": packed(lines)})
        memory.crash_at = crash_at
        with pytest.raises(Crash):
            folded(memory, "edge/a.gz")
        memory.crash_at = None
        folded(memory, "edge/a.gz")
        assert counted(total for total, _ in memory.hours.values()) == recount(lines)


def test_concurrent_folds_of_the_same_hours_give_the_recount(dynamodb: Any) -> None:
    """Each reads before the other writes, as often as the table lets it."""
    chance = random.Random(4)
    lines = [requests(chance, 1000 * number, 25) for number in range(2)]
    files = {f"edge/{number}.gz": packed(each) for number, each in enumerate(lines)}
    with table_named(dynamodb, "insights"):
        table = InsightsTable(dynamodb, "insights", wait=lambda _: None)
        other = InsightsTable(dynamodb, "insights", wait=lambda _: None)
        memory = Memory(files)
        behind = ["edge/1.gz"]

        class Overtaken(InsightsTable):
            def count(self, day: str, hour: str, fn: str, counted: Aggregate, mark: str) -> bool:
                if behind:
                    fold_into(other, memory, behind.pop())
                return super().count(day, hour, fn, counted, mark)

        fold_into(Overtaken(dynamodb, "insights", wait=lambda _: None), memory, "edge/0.gz")
        for key in files:
            memory.files[key] = files[key]
            fold_into(table, memory, key)
        days = {iso(int(each["timestamp(ms)"]))[:10] for own in lines for each in own}
        hours = (total for day in days for _, _, total in table.hours(day))
        assert counted(hours) == recount([each for own in lines for each in own])


def fold_into(table: InsightsTable, memory: Memory, key: str) -> None:
    fold(key, memory, table, catalogue=CATALOGUE, hashing=lambda user, _: user, now_ms=NOON)


def test_a_writer_that_was_overtaken_adds_to_what_the_other_wrote(dynamodb: Any) -> None:
    with table_named(dynamodb, "insights"):
        table = InsightsTable(dynamodb, "insights", wait=lambda _: None)
        one = Aggregate(statuses=Counter({200: 1}))
        read = table._get

        def overtaken(*arguments: Any, **named: Any) -> Any:
            item = read(*arguments, **named)
            table._get = read  # type: ignore[method-assign]
            assert InsightsTable(dynamodb, "insights").count("2026-11-21", "12", "f", one, "b")
            return item

        table._get = overtaken  # type: ignore[method-assign]
        assert table.count("2026-11-21", "12", "f", one, "a")
        assert not table.count("2026-11-21", "12", "f", one, "a")
        [(_, hour, total)] = table.hours("2026-11-21")
        assert (hour, total.times) == ("12", 2)


def test_memory_of_runs_adds_up_in_the_table_and_old_items_stay_readable(dynamodb: Any) -> None:
    run = {"cs-method": "POST", "cs-uri-stem": "/api/functions/ann/javascript-bonus"}
    used = [(800, 1000), (1200, 3000)]
    lines = [
        line(number, **run, **{"sc-content-type": f"application/json; kb={kb}; cpu={cpu}"})
        for number, (kb, cpu) in enumerate(used)
    ]
    with table_named(dynamodb, "insights"):
        table = InsightsTable(dynamodb, "insights", wait=lambda _: None)
        memory = Memory({"edge/a.gz": packed([lines[0]]), "edge/b.gz": packed([lines[1]])})
        for key in ("edge/a.gz", "edge/b.gz"):
            fold_into(table, memory, key)
        [(_, hour, total)] = table.hours(iso(NOON)[:10])
        assert total.runs == Runs(2, 2000, 1200, 4000, 24_000)
        assert summary(total)["runtime"] == {
            "memoryUsageMb": 0.977,
            "mostMemoryMb": 1.172,
            "cpuMs": 2.0,
            "cpuUsagePercent": 16.67,
        }
        of_the_hour = {"PK": f"H#{iso(NOON)[:10]}", "SK": f"javascript-bonus@ann#{hour}"}
        item = table._get(of_the_hour, consistent=True)
        assert item is not None
        del item["runs"]
        table._put(item)
        [(_, _, older)] = table.hours(iso(NOON)[:10])
        assert (older.times, summary(older)["runtime"]) == (2, None)


def test_a_file_that_is_cut_off_is_set_aside_and_counted_when_it_comes_whole() -> None:
    whole = packed(requests(random.Random(1), 0, 30))
    memory = Memory({"edge/a.gz": whole[:-20]})
    found = folded(memory, "edge/a.gz")
    assert found is not None
    assert found.set_aside == "cut off"
    assert memory.aside == {"edge/a.gz": whole[:-20]}
    assert not memory.hours
    memory.files["edge/a.gz"] = whole
    found = folded(memory, "edge/a.gz")
    assert found is not None
    assert found.rows == 30


def test_an_unreadable_line_is_kept_aside_and_the_others_are_counted() -> None:
    memory = Memory({"edge/a.gz": packed([line(1), "{", line(2), line(2)])})
    found = folded(memory, "edge/a.gz")
    assert found is not None
    assert (found.lines, found.rows, found.unreadable) == (4, 2, {"not JSON": 1})
    assert texts(memory.aside["edge/a.gz.lines"]) == ["{"]


def test_lines_that_were_set_aside_count_when_they_are_brought_back() -> None:
    memory = Memory({"edge/a.gz": packed([line(1), "{"])})
    folded(memory, "edge/a.gz")
    memory.files["edge/a.gz.lines"] = packed([line(2)])  # corrected
    folded(memory, "edge/a.gz.lines")
    assert counted(total for total, _ in memory.hours.values())["times"] == 2


def test_a_file_that_was_folded_is_gone() -> None:
    assert folded(Memory({}), "edge/a.gz") is None
