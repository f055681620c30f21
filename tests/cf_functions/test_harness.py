"""The harness withholds what CloudFront withholds; otherwise the other tests prove little."""

from __future__ import annotations

import pytest

from cf_functions import harness
from cf_functions.harness import Call, Engine, EngineError, Store, run

CALL = Call("validate", {"request": {}}, Store({"key": '{"a":1}'}, failing=("broken",)), clock=1234)
ASKS = {
    "typeof process": "undefined",
    "typeof setTimeout": "undefined",
    "typeof fetch": "undefined",
    "typeof Math.random": "undefined",
    "Date.now()": 1234,
    "new Date().getTime()": 1234,
    "new Date(5).getTime()": 5,
    "new Date(2026, 0, 2).getDate()": 2,
    "new Date() instanceof Date": True,
    "Date.UTC(1970, 0, 2)": 86_400_000,
    "Date.parse('1970-01-02')": 86_400_000,
    "await cf.kvs().get('key')": '{"a":1}',
    "await cf.kvs().get('key', { format: 'json' })": {"a": 1},
    "await cf.kvs().exists('key')": True,
    "await cf.kvs().exists('other')": False,
    "await cf.kvs().get('other').catch(e => e.message)": "no such key: other",
    "await cf.kvs().exists('broken').catch(e => e.message)": "the store is failing",
}


def asked(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    source = f"import cf from 'cloudfront'; async function handler(event) {{ {code} }}"
    monkeypatch.setattr(harness, "assemble", lambda _: source)


@pytest.mark.parametrize("question", ASKS)
def test_confines(engine: Engine, monkeypatch: pytest.MonkeyPatch, question: str) -> None:
    asked(monkeypatch, f"const answer = {question}; return {{ answer: answer }};")
    (outcome,) = run(engine, [CALL])
    assert outcome.answer == {"answer": ASKS[question]}


def test_counts_reads_and_keeps_what_is_logged(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(monkeypatch, "console.log('é'); await cf.kvs().get('key'); return {};")
    first, second = run(engine, [CALL, CALL])
    assert (first.reads, first.logged) == (["key"], ["é"])
    assert first == second


@pytest.mark.parametrize("size", [2_048, 100_000])
def test_an_answer_of_any_length_comes_through_whole(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    asked(monkeypatch, "return { answer: 'é'.repeat(event.size) };")
    (outcome,) = run(engine, [Call("validate", {"size": size}, CALL.store, 0)])
    assert outcome.answer == {"answer": "é" * size}


def test_unicode_line_separators_do_not_end_a_line(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(monkeypatch, "return { answer: event.text };")
    text = "a\nb\r\nc\u2028d\u2029e\x85f\x1cg 🐍"
    (outcome,) = run(engine, [Call("validate", {"text": text}, CALL.store, 0)])
    assert outcome.answer == {"answer": text}


def test_a_function_that_throws(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    asked(monkeypatch, "throw Error('thrown');")
    with pytest.raises(EngineError, match="thrown"):
        run(engine, [CALL])


def test_a_function_that_does_not_parse(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    asked(monkeypatch, "const = 1;")
    with pytest.raises(EngineError, match="SyntaxError"):
        run(engine, [CALL])


def test_many_calls_keep_their_order(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    asked(monkeypatch, "return { answer: event.number };")
    numbers = range(2_500)
    calls = [Call("get_end", {"number": number}, CALL.store, 0) for number in numbers]
    assert [outcome.answer["answer"] for outcome in run(engine, calls)] == list(numbers)


def test_sources_of_others(engine: Engine) -> None:
    sources = {
        "a-b": "function handler(event) { return 'first'; }",
        "c": "function handler(event) { return; }",
    }
    calls = [Call(name, {}, CALL.store, 0) for name in ("c", "a-b")]
    assert [outcome.answer for outcome in run(engine, calls, sources)] == [None, "first"]


def test_a_function_that_does_not_end(engine: Engine) -> None:
    endless = {"validate": "function handler(event) { while (true) {} }"}
    with pytest.raises(EngineError, match="not finished in"):
        run(engine, [CALL], endless, timeout=0.2)
