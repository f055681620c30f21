from __future__ import annotations

from pathlib import Path

import pytest

from cf_functions import assemble
from cf_functions.assemble import MAX_BYTES, NAMES, TooLargeError
from cf_functions.link import LinkError, link
from cf_functions.minify import ShadowingError, minify

AIM = 6_000


@pytest.mark.parametrize("name", NAMES)
def test_fits_with_room_to_grow(name: str) -> None:
    assert len(assemble.assemble(name).encode()) < AIM < MAX_BYTES


@pytest.mark.parametrize("name", NAMES)
def test_imports_once_and_hands_over_a_handler(name: str) -> None:
    source = assemble.assemble(name)
    assert source.count("from'cloudfront'") == source.count("from'crypto'") == 1
    assert source.count("import ") == 2
    assert source.count("async function handler(") == 1


def test_leaves_out_what_the_function_does_not_use() -> None:
    assert "below_threshold" in assemble.assemble("validate")
    assert "function base36" in assemble.linked("get_start")
    assert "function base36" not in assemble.linked("validate")


def test_a_function_too_large_is_not_assembled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assemble, "MAX_BYTES", 1_000)
    with pytest.raises(TooLargeError, match=r"cf_functions/validate: 5,\d{3} bytes .* 1,000"):
        assemble.assemble("validate")


def test_an_unknown_name() -> None:
    with pytest.raises(ValueError, match="'valid'; there are get_start, get_end, validate"):
        assemble.assemble("valid")


def test_prints_bytes(capsys: pytest.CaptureFixture[str]) -> None:
    assemble.main()
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(NAMES)


def written(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.js").write_text(text)
    return folder / "main.js"


def test_links_what_is_reached_before_what_reaches_it(tmp_path: Path) -> None:
    entry = written(
        tmp_path,
        main="import { one } from './lib.js';\n\nasync function handler() {\n  return one();\n}\n",
        lib="""import crypto from 'crypto';
import cf from 'cloudfront';

const ONE = 1;
const unused = cf.kvs();

export function one() {
  return crypto.createHash(ONE);
}

export function two() {
  return one();
}
""",
    )
    assert link(entry) == (
        "import crypto from 'crypto';\n\n"
        "const ONE = 1;\n\n"
        "function one() {\n  return crypto.createHash(ONE);\n}\n\n"
        "async function handler() {\n  return one();\n}\n"
    )


@pytest.mark.parametrize(
    ("main", "lib", "message"),
    [
        ("function other() {}", "", "declares no handler"),
        ("import { x } from './lib.js';", "const y = 1;", "does not declare x"),
        ("import { x } from './lib.js';\nconst y = 1;", "const x = 1, y = 2;", "single constants"),
        ("import { x } from './lib.js';\nconst y = 1;", "const x = 1;\nconst y = 2;", "in both"),
        ("handler();", "", "main.js:1: at the top, only functions"),
    ],
)
def test_refuses_to_link(tmp_path: Path, main: str, lib: str, message: str) -> None:
    with pytest.raises(LinkError, match=message):
        link(written(tmp_path, main=main, lib=lib))


@pytest.mark.parametrize(
    ("script", "short"),
    [
        (
            "function handler(event) {\n  return event.event;\n}",
            "function handler(a){return a.event}",
        ),
        ("// why\nconst LONG = 1; /* what */\nconst WORDS = LONG;", "const A=1,B=A;"),
        ("const x = 'a  b // c';", "const A='a  b // c';"),
        ("const x = `a ${ y } b`;", "const A=`a ${y} b`;"),
        ("const r = /a b\\/ /g;", "const A=/a b\\/ /g;"),
        ("const d = 1 - -1 + +2;", "const A=1- -1+ +2;"),
        ("const t = typeof x in y;", "const A=typeof x in y;"),
        ("function f(a) { if (a) { return; } g(); }", "function A(a){if(a)return;g()}"),
        ("function f(a) { if (a) { b(); } else { c(); } }", "function A(a){if(a){b()}else{c()}}"),
        ("function f(a) { if (a) { b(); c(); } }", "function A(a){if(a){b();c()}}"),
        (
            "function f() { const a = 1; const b = 2; let c = 3; }",
            "function A(){const a=1,b=2;let c=3}",
        ),
        ("function f() { let a = 1; const b = 2; }", "function A(){let a=1;const b=2}"),
        ("function f() { { const a = 1; } const b = 2; }", "function A(){{const a=1}const b=2}"),
        ("const f = x => x + A;", "const B=a=>a+A;"),
    ],
)
def test_minifies(script: str, short: str) -> None:
    assert minify(script) == short


@pytest.mark.parametrize("script", ["handler();", "var x = 1;", "const = 1;"])
def test_minifies_nothing_it_does_not_know(script: str) -> None:
    with pytest.raises(ValueError, match="line 1: at the top, only"):
        minify(script)


def test_refuses_a_local_name_that_hides_a_shared_one() -> None:
    with pytest.raises(ShadowingError, match="number"):
        minify("function number() {} function f(number) {}")
