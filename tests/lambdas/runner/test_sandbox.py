"""Whatever a source does, it ends by itself, with an error that says why, and hurts nobody else."""

import json
import resource
import time

import pytest

from lambdas.runner.sandbox import (
    MOST_ANSWER,
    MOST_INPUT,
    MOST_SOURCE,
    MOST_STEPS,
    check,
    run,
)
from tests.lambdas.runner.attacks import ABSENT, CONTAINED

FINE = "function handler(input, context) { return { sum: input.a + context.b } }"
ROOM_MS = 1500
"""Of CPU; a tenth of it on a quiet machine."""
PATIENT_MS = 20_000
"""Where the time is not what a test is about: a shared machine pauses for seconds."""
ROOM_MB = 120


def works() -> bool:
    return run(FINE, '{"a":1}', '{"b":2}', PATIENT_MS).answer == '{"sum":3}'


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    assert works()


@pytest.mark.parametrize("name", CONTAINED)
def test_it_is_contained(name: str) -> None:
    source, codes = CONTAINED[name]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    ran = run(source, "{}", "null", PATIENT_MS)
    spent_ms = (time.process_time() - started) * 1000
    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert (ran.failed.code if ran.failed else "") in codes, ran
    # The count ends it, whatever the clock says, so that a slow machine gives the same answer.
    assert ran.steps <= MOST_STEPS
    assert spent_ms < ROOM_MS
    assert grown_mb < ROOM_MB
    assert not ran.failed or ran.failed.message
    assert sum(len(text) for _, text in ran.logs) <= 100_000
    assert works()


def test_memory_stays_flat_over_many_bombs() -> None:
    source, _ = CONTAINED["typed arrays"]
    run(source, "{}", "null")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(20):
        run(source, "{}", "null")
    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown_mb < 30


def test_nothing_of_the_host_is_in_reach() -> None:
    names = json.dumps(ABSENT)
    source = f"function handler() {{ return {names}.filter((name) => name in globalThis) }}"
    assert run(source, "{}", "null", PATIENT_MS).answer == "[]"


def test_a_run_leaves_nothing_for_the_next() -> None:
    source = "globalThis.seen = (globalThis.seen || 0) + 1; function handler() { return seen }"
    assert [run(source, "{}", "null", PATIENT_MS).answer for _ in range(3)] == ["1", "1", "1"]
    run("Object.prototype.left = 1; function handler() {}", "{}", "null")
    assert run("function handler(i) { return i.left ?? 0 }", "{}", "null", PATIENT_MS).answer == "0"


def test_input_and_context_arrive_as_they_were_sent() -> None:
    value = {
        "text": "\u2028'\"\\</script>\x00é",
        "list": [1, 2.5, None, True],
        "__proto__": {"a": 1},
    }
    text = json.dumps(value)
    ran = run("function handler(i, c) { return [i, c] }", text, text, PATIENT_MS)
    assert json.loads(ran.answer) == [value, value]


def test_the_same_run_ends_at_the_same_step() -> None:
    loop = "function handler(i) { for (let n = 0; n < i; n++); return i }"
    short, same, longer = (run(loop, text, "null", PATIENT_MS) for text in ("9", "9", "99999"))
    assert short.steps == same.steps < longer.steps < MOST_STEPS
    endless = [run("function handler() { for (;;); }", "{}", "null", PATIENT_MS) for _ in range(2)]
    assert {each.steps for each in endless} == {MOST_STEPS}
    assert {each.failed.code for each in endless if each.failed} == {"timeout"}


def test_a_log_line_counts_as_its_work_in_the_host() -> None:
    source = "function handler(i) { for (let n = 0; n < i; n++) console.log(n); return i }"
    few, many = (run(source, text, "null", PATIENT_MS).steps for text in ("1", "101"))
    assert many - few > 100_000_000
    assert run(source, "1000", "null", PATIENT_MS).failed is not None


def test_the_clock_ends_what_the_count_does_not_see() -> None:
    waited = run("function handler() { for (;;); }", "{}", "null", 1)
    assert waited.failed is not None
    assert waited.failed.code == "timeout"
    assert 0 < waited.steps < MOST_STEPS


def test_logs_are_kept_up_to_the_failure() -> None:
    ran = run(
        "function handler(i) { console.log('a', {b: 1}); console.error(2); throw Error('c') }",
        "{}",
        "null",
        PATIENT_MS,
    )
    assert ran.logs == [("info", 'a {"b":1}'), ("error", "2")]
    assert ran.failed is not None
    assert "handler" in ran.failed.stack


def test_sizes_are_limited() -> None:
    big = run("//" + "x" * MOST_SOURCE, "{}", "null")
    assert big.failed is not None
    assert big.failed.code == "source_too_large"
    wide = run(FINE, json.dumps("x" * MOST_INPUT), "null")
    assert wide.failed is not None
    assert wide.failed.code == "input_too_large"
    fits = f"function handler() {{ return 'x'.repeat({MOST_ANSWER - 2}) }}"
    assert run(fits, "{}", "null", PATIENT_MS).failed is None


def test_a_check_does_not_call_the_handler() -> None:
    assert check("function handler() { for (;;); }", PATIENT_MS).failed is None
    refused = check("function handler(", PATIENT_MS).failed
    assert refused is not None
    assert refused.code == "source_invalid"
