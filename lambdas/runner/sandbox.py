"""Runs JavaScript in QuickJS, which is compiled to WebAssembly, with nothing around it.

Each run has an instance of its own. It sees no network, file, clock of the host's process or other
run. Four limits hold whatever the source does:

- wasmtime refuses to grow the memory;
- it counts the instructions of the run, and stops at the last one;
- an epoch interrupts what takes long without many instructions;
- the answer and the logs are cut at fixed sizes.

The count is what ends a loop, on every machine at the same step. A clock would end the same run
sooner where other processes have the processor.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import quickjs_rs._wasmtime
import wasmtime
from quickjs_rs import Runtime
from quickjs_rs.errors import (
    InterruptError,
    JSError,
    MarshalError,
    MemoryLimitError,
    QuickJSError,
)

MOST_MS: Final = 150
"""Of the clock, for what the count does not see, such as the copy of a long string."""
MOST_STEPS: Final = 400_000_000
"""Instructions of WebAssembly, with the three millions that start an instance: 0.1 s or less."""
_STEPS_A_LOG: Final = 1_000_000
"""What a line costs of them: the host handles it, which is not counted otherwise."""
MOST_MEMORY: Final = 24 * 1024 * 1024
MOST_SOURCE: Final = 128 * 1024
MOST_ANSWER: Final = 64 * 1024
MOST_INPUT: Final = 64 * 1024
CODES: Final = (
    "answer_not_json",
    "answer_too_large",
    "input_too_large",
    "no_handler",
    "out_of_memory",
    "source_invalid",
    "source_too_large",
    "stack_overflow",
    "threw",
    "timeout",
)
"""How a run may fail."""
_MOST_LOGS: Final = 100
_LONGEST_LOG: Final = 1000
_QUICKJS_MEMORY: Final = 16 * 1024 * 1024
_NEARLY: Final = 8 * 1024 * 1024
_GRACE_S: Final = 0.03
"""QuickJS stops first, with an error of its own. What it cannot stop, the epoch stops."""


def _interruptible() -> wasmtime.Engine:
    config = wasmtime.Config()
    config.epoch_interruption = True
    config.consume_fuel = True
    return wasmtime.Engine(config)


class _LimitedStore(wasmtime.Store):
    """quickjs_rs makes a store for each instance, and has no way to limit it."""

    def __init__(self, engine: wasmtime.Engine, data: Any = None) -> None:
        super().__init__(engine, data)
        self.set_limits(memory_size=MOST_MEMORY, instances=4, tables=8, memories=4)
        self.set_epoch_deadline(1)
        self.set_fuel(MOST_STEPS)


_engine: Final = _interruptible()
quickjs_rs._wasmtime._SHARED_ENGINE = _engine
wasmtime.Store = _LimitedStore  # type: ignore[misc, assignment]


@dataclass(slots=True)
class Failed(Exception):
    """How a run ended without an answer."""

    code: str
    message: str
    stack: str = ""


@dataclass(slots=True)
class Ran:
    answer: str = "null"
    """JSON."""
    failed: Failed | None = None
    logs: list[tuple[str, str]] = field(default_factory=list)
    """Level and text."""
    ms: float = 0
    cpu_ms: float = 0
    memory_kb: int = 0
    steps: int = 0
    """Instructions, of which MOST_STEPS are allowed."""


def run(
    source: str, request: str, context: str, most_ms: int = MOST_MS, player: str = "null"
) -> Ran:
    """Calls the source's `handler(request, context, player)`. All are JSON texts."""
    return _measured(lambda ran: _answer(source, (request, context, player), ran, most_ms))


def check(source: str, most_ms: int = MOST_MS) -> Ran:
    """Whether the source parses and has a handler, found out by running all but the handler."""

    def load(ran: Ran) -> str:
        with _instance(ran, most_ms) as evaluate:
            _load(evaluate, source)
        return "null"

    return _measured(load)


def _measured(act: Callable[[Ran], str]) -> Ran:
    ran = Ran()
    started, cpu = time.perf_counter(), time.process_time()
    try:
        ran.answer = act(ran)
    except Failed as failed:
        ran.failed = failed
    ran.ms = round((time.perf_counter() - started) * 1000, 2)
    ran.cpu_ms = round((time.process_time() - cpu) * 1000, 2)
    return ran


def _answer(source: str, given: tuple[str, str, str], ran: Ran, most_ms: int) -> str:
    for name, text in zip(("request", "context", "player"), given, strict=True):
        if len(text.encode()) > MOST_INPUT:
            raise Failed("input_too_large", f"{name}: more than {MOST_INPUT} bytes as JSON")
    with _instance(ran, most_ms) as evaluate:
        _load(evaluate, source)
        said = evaluate(f"__run({', '.join(map(json.dumps, given))})")
    if not isinstance(said, str):
        raise Failed("answer_not_json", "handler: the answer has no form in JSON")
    if len(said.encode("utf-8", "surrogatepass")) > MOST_ANSWER:
        raise Failed("answer_too_large", f"handler: more than {MOST_ANSWER} bytes as JSON")
    return _strict(said)


def _strict(said: str) -> str:
    """What tampered built-ins made may be no JSON."""
    try:
        return json.dumps(
            json.loads(said, parse_constant=_refuse), ensure_ascii=True, separators=(",", ":")
        )
    except (ValueError, RecursionError):
        raise Failed("answer_not_json", "handler: the answer is not JSON") from None


def _refuse(name: str) -> Any:
    raise ValueError(name)


def _load(evaluate: Callable[[str], Any], source: str) -> None:
    if len(source.encode()) > MOST_SOURCE:
        raise Failed("source_too_large", f"source: more than {MOST_SOURCE} bytes")
    try:
        evaluate(source + "\n;0")
    except Failed as failed:
        if failed.code == "threw" and failed.message.startswith("SyntaxError"):
            raise Failed("source_invalid", failed.message, failed.stack) from None
        raise
    if evaluate('typeof handler === "function"') is not True:
        raise Failed("no_handler", "source: define function handler(request, context)")


@contextmanager
def _instance(ran: Ran, most_ms: int) -> Iterator[Callable[[str], Any]]:
    """A fresh instance. Its time runs from here, over all that is evaluated in it."""

    def log(level: Any, text: Any) -> None:
        _spend(context, _STEPS_A_LOG)
        if len(ran.logs) < _MOST_LOGS and isinstance(level, str) and isinstance(text, str):
            ran.logs.append((level[:8], text[:_LONGEST_LOG]))

    alarm = threading.Timer(most_ms / 1000 + _GRACE_S, _engine.increment_epoch)
    alarm.daemon = True
    ends = time.monotonic() + most_ms / 1000
    with _translated():
        runtime = Runtime(memory_limit=_QUICKJS_MEMORY)
        context: Any = None
        alarm.start()
        try:
            context = runtime.new_context(timeout=most_ms / 1000)
            context.function(log, name="__log")
            context.eval(_PRELUDE)

            def evaluate(code: str) -> Any:
                context._timeout = max(0.001, ends - time.monotonic())
                try:
                    with _translated():
                        return context.eval(code)
                except Failed as failed:
                    raise _explained(failed, context) from None

            yield evaluate
            ran.memory_kb = runtime.memory_usage().get("memory_used_size", 0) // 1024
        finally:
            alarm.cancel()
            alarm.join()
            if context is not None:
                ran.steps = MOST_STEPS - _store(context).get_fuel()
                ran.memory_kb = ran.memory_kb or _grown(context) // 1024
            # An interrupted instance cannot be closed in order. Its store goes with it.
            with _ignored():
                runtime.close()


def _explained(failed: Failed, context: Any) -> Failed:
    """Without memory, QuickJS cannot even make the error, and throws null."""
    is_full = _grown(context) > MOST_MEMORY - _NEARLY
    nothing = failed.code == "threw" and failed.message == "Error: null"
    return _out_of_memory() if nothing and is_full else failed


def _grown(context: Any) -> int:
    """All that the instance has of memory, in bytes. QuickJS cannot say after a failure."""
    return int(context._engine_ctx._inst.mem.data_len(_store(context)))


def _store(context: Any) -> wasmtime.Store:
    store: wasmtime.Store = context._engine_ctx._inst.store
    return store


def _spend(context: Any, steps: int) -> None:
    store = _store(context)
    store.set_fuel(max(0, store.get_fuel() - steps))


@contextmanager
def _ignored() -> Iterator[None]:
    try:
        yield
    except (QuickJSError, wasmtime.WasmtimeError, wasmtime.Trap):
        return


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except MemoryLimitError:
        raise _out_of_memory() from None
    except InterruptError:
        raise _timeout() from None
    except MarshalError:
        raise Failed("answer_not_json", "handler: the answer has no form in JSON") from None
    except JSError as error:
        raise _thrown(error) from None
    except wasmtime.Trap as trap:
        raise _trapped(str(trap)) from None
    except (QuickJSError, wasmtime.WasmtimeError, RecursionError, UnicodeError) as error:
        raise _trapped(str(error)) from None


def _thrown(error: JSError) -> Failed:
    text = f"{error.name}: {error.message}"[:500]
    if "out of memory" in error.message:
        return _out_of_memory()
    if "stack overflow" in error.message or "Maximum call stack" in error.message:
        return Failed("stack_overflow", "handler: the calls are nested too deeply")
    if error.name == "InternalError" and "interrupted" in error.message:
        return _timeout()
    return Failed("threw", text, (error.stack or "")[:2000])


def _trapped(message: str) -> Failed:
    if "interrupt" in message or "epoch" in message or "fuel" in message:
        return _timeout()
    if "stack" in message:
        return Failed("stack_overflow", "handler: the calls are nested too deeply")
    return _out_of_memory()


def _timeout() -> Failed:
    return Failed(
        "timeout", "handler: takes too long; a run may take 400 million steps, about 0.1 s"
    )


def _out_of_memory() -> Failed:
    return Failed("out_of_memory", f"handler: more than {MOST_MEMORY // 1024 // 1024} MB")


_PRELUDE: Final = """
(function (global) {
  "use strict";
  const log = global.__log, parse = JSON.parse, stringify = JSON.stringify, text = String;
  delete global.__log;
  delete global.performance;
  const say = (level) => (...values) => {
    let line = "";
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      let said = typeof value === "object" && value !== null ? stringify(value) : text(value);
      line += (i ? " " : "") + text(said).slice(0, 1000);
      if (line.length > 1000) break;
    }
    log(level, line.slice(0, 1000));
  };
  const console = {};
  for (const level of ["log", "info", "warn", "error", "debug"]) {
    console[level] = say(level === "log" ? "info" : level);
  }
  global.console = Object.freeze(console);
  Object.defineProperty(global, "__run", {
    value: (request, context, player) => {
      const answer = handler(parse(request), parse(context), parse(player));
      if (answer !== null && typeof answer === "object" && typeof answer.then === "function") {
        throw new TypeError("handler returned a promise; return the value itself");
      }
      const said = stringify(answer === undefined ? null : answer);
      return typeof said === "string" ? said : undefined;
    },
  });
})(globalThis);
0
"""
