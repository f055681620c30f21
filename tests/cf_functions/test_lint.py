"""Undocumented syntax and names are found; the functions have none."""

from __future__ import annotations

import pytest

from cf_functions import lint
from cf_functions.lint import check

REJECTED = {
    "await in an argument": "async function f(g) { h(await g()); }",
    "await in an operator": "async function f(g) { const x = 1 + await g(); return x; }",
    "await in a condition": "async function f(g) { if (await g()) { return 1; } return 2; }",
    "await in a template": "async function f(g) { return `${await g()}`; }",
    "async arrow": "const f = async () => 1;",
    "async closure": "function f() { async function g() {} return g; }",
    "async function expression": "const f = async function () {};",
    "spread in a call": "const x = Math.max(...[1]);",
    "spread in an array": "const x = [...[1]];",
    "spread in an object": "const x = { ...{} };",
    "array destructuring": "const [a] = [1];",
    "object destructuring": "const { a } = { a: 1 };",
    "destructuring in a parameter": "function f({ a }) { return a; }",
    "destructuring with a rest": "const [...a] = [1];",
    "default parameter": "function f(a = 1) { return a; }",
    "optional chaining": "function f(a) { return a?.b; }",
    "optional call": "function f(a) { return a?.(); }",
    "nullish coalescing": "function f(a) { return a ?? 1; }",
    "nullish assignment": "function f(a) { a ??= 1; return a; }",
    "logical assignment": "function f(a) { a ||= 1; return a; }",
    "for-of": "for (const x of [1]) { x; }",
    "for-await": "async function f(a) { for await (const x of a) { x; } }",
    "class": "class A {}",
    "generator": "function* f() { yield 1; }",
    "getter": "const x = { get a() { return 1; } };",
    "method shorthand": "const x = { a() { return 1; } };",
    "property shorthand": "const a = 1; const x = { a };",
    "computed property": "const a = 'b'; const x = { [a]: 1 };",
    "tagged template": "const x = String.raw`a`;",
    "catch without a parameter": "function f() { try { f(); } catch { return 1; } return 2; }",
    "BigInt": "const x = 1n;",
    "binary literal": "const x = 0b1;",
    "code point escape": "const x = '\\u{1F40D}';",
    "lookbehind": "const x = /(?<=a)b/;",
    "negative lookbehind": "const x = /(?<!a)b/;",
    "Unicode class": "const x = /\\p{L}/;",
    "regex flag s": "const x = /a/s;",
    "regex flag u": "const x = /a/u;",
    "dynamic import": "const x = import('crypto');",
    "import.meta": "const x = import.meta;",
    "new.target": "function f() { return new.target; }",
    "with": "function f(a) { with (a) { b; } }",
    "debugger": "debugger;",
    "semicolon left to the engine": "const x = 1\nconst y = 2;",
    "not JavaScript": "const = 1;",
    "import of fs": "import fs from 'fs';",
    "Math.random": "const x = Math.random();",
    "Math.random by another spelling": "const x = Math['random']();",
    "Object.fromEntries": "const x = Object.fromEntries([]);",
    "Array.from": "const x = Array.from('a');",
    "String.raw": "const x = String.raw('a');",
    "Buffer.transcode": "const x = Buffer.transcode('a');",
    "flat": "const x = [1].flat();",
    "matchAll": "const x = 'a'.matchAll(/a/g);",
    "at": "const x = 'a'.at(0);",
    "charCodeAt": "const x = 'a'.charCodeAt(0);",
    "localeCompare": "const x = 'a'.localeCompare('b');",
    "two arguments to console.log": "console.log('a', 'b');",
    "console.error": "console.error('a');",
    "sha512": "import crypto from 'crypto'; const x = crypto.createHash('sha512');",
    "randomUUID": "import crypto from 'crypto'; const x = crypto.randomUUID();",
    "timingSafeEqual": "import crypto from 'crypto'; const x = crypto.timingSafeEqual('a', 'b');",
    "digest as latin1": "function f(h) { return h.digest('latin1'); }",
    "count of a store": "import cf from 'cloudfront'; const x = cf.kvs().count();",
    "origin change": "import cf from 'cloudfront'; cf.updateRequestOrigin({});",
    "prototype": "String.prototype.at = 1;",
    "constructor": "const x = (1).constructor;",
}

FOREIGN = {
    "Map": "const x = new Map();",
    "Set": "const x = new Set();",
    "WeakMap": "const x = new WeakMap();",
    "Proxy": "const x = new Proxy({}, {});",
    "Reflect": "const x = Reflect.ownKeys({});",
    "eval": "eval('1');",
    "new Function": "const f = new Function('return 1');",
    "setTimeout": "setTimeout(1);",
    "process": "const x = process.env;",
    "globalThis": "const x = globalThis.crypto;",
    "require": "const fs = require('fs');",
    "fetch": "fetch('https://example.com');",
    "Intl": "const x = Intl.DateTimeFormat();",
    "URL": "const x = new URL('https://example.com');",
    "WebCrypto": "const x = crypto.subtle;",
    "undeclared variable": "function f() { return misspelt; }",
}

ACCEPTED = {
    "await by itself": "async function f(g) { await g(); }",
    "await into a constant": "async function f(g) { const x = await g(); return x; }",
    "await into a variable": "async function f(g) { let x; x = await g(); return x; }",
    "await returned": "async function f(g) { return await g(); }",
    "rest parameters": "function f(...rest) { return rest; }",
    "templates": "const x = `a ${1} b`;",
    "arrows": "const f = (a, b) => a + b;",
    "power": "const x = 2 ** 3;",
    "named groups": "const x = /(?<year>\\d+)/g;",
    "numeric separators": "const x = 1_000_000;",
    "hexadecimal": "const x = 0xff;",
    "fractions": "const x = [1.5, .5, 1e3, 1.5e-3];",
    "for-in": "for (const x in { a: 1 }) { x; }",
    "switch": "function f(a) { switch (a) { case 1: return 2; default: return 3; } }",
    "hashes": "import crypto from 'crypto'; const x = crypto.createHash('md5').digest();",
    "a store": "import cf from 'cloudfront'; const x = cf.kvs();",
    "no semicolon before a brace": "function f() { return 1 }",
    "one argument to console.log": "console.log('a' + 'b');",
}


def messages(script: str) -> list[str]:
    return [finding.message.partition(":")[0] for finding in check(script)]


@pytest.mark.parametrize("name", REJECTED)
def test_rejects(name: str) -> None:
    assert set(messages(REJECTED[name])) - {"not a documented global"}


@pytest.mark.parametrize("name", FOREIGN)
def test_rejects_what_the_runtime_does_not_offer(name: str) -> None:
    assert "not a documented global" in messages(FOREIGN[name])


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepts(name: str) -> None:
    assert check(ACCEPTED[name]) == []


def test_findings_have_line_and_text() -> None:
    (finding,) = check("const x = 1;\nconst y = Math.random();")
    assert (finding.line, finding.message) == (2, "not a documented member: Math.random")


def test_the_functions_use_nothing_undocumented(capsys: pytest.CaptureFixture[str]) -> None:
    assert lint.main() == 0, capsys.readouterr().out
