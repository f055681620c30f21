from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cf_functions import assemble
from cf_functions.assemble import MAX_BYTES, NAMES, BundleError, TooLargeError, bundles
from cf_functions.lint import check
from local.bootstrap import ROOT

AIM = 6_500
HANDLER = "export async function handler(event) { return event.request; }\n"


@pytest.mark.parametrize("name", NAMES)
def test_each_function_is_far_below_the_quota(name: str) -> None:
    assert len(assemble.assemble(name).encode()) < AIM < MAX_BYTES


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", [assemble.assemble, assemble.linked])
def test_each_module_is_imported_once_and_there_is_a_handler_but_no_export(
    name: str, form: Callable[[str], str]
) -> None:
    source = form(name).replace("'", '"').replace("from ", "from")
    assert source.count('from"cloudfront"') == source.count('from"crypto"') == 1
    assert source.count("import ") == 2
    assert source.count("async function handler(") == 1
    assert "export" not in source


def test_code_that_a_function_does_not_use_is_left_out() -> None:
    assert "below_threshold" in assemble.assemble("validate")
    assert "function base36" in assemble.linked("get_start")
    assert "function base36" not in assemble.linked("validate")
    assert "abcdefghijklmnopqrstuvwxyz" not in assemble.assemble("validate")


def test_minifying_shortens_to_less_than_half() -> None:
    for name in NAMES:
        assert len(assemble.assemble(name)) < len(assemble.linked(name)) / 2


def test_a_function_above_the_quota_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assemble, "MAX_BYTES", 1_000)
    with pytest.raises(TooLargeError, match=r"cf_functions/validate: 6,\d{3} bytes .* 1,000"):
        assemble.assemble("validate")


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ValueError, match="'valid'; there are get_start, get_end, validate"):
        assemble.assemble("valid")


def test_the_command_prints_the_bytes(capsys: pytest.CaptureFixture[str]) -> None:
    assemble.main()
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(NAMES)


def bundled(folder: Path, function: str, lib: str = "") -> tuple[str, str]:
    """One function and one library file, linked and minified by the same bundler."""
    shutil.copy(ROOT / "cf_functions" / "bundle.mjs", folder)
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    for name, text in (("main/function.js", function), ("lib/lib.js", lib)):
        (folder / name).parent.mkdir()
        (folder / name).write_text(text)
    found = bundles(("main",), "/api", folder)["main"]
    return found["linked"], found["minified"]


@pytest.mark.parametrize(
    ("function", "lib", "problem"),
    [
        ("export function other() {}", "", "must export handler, and nothing else"),
        (f"{HANDLER}export const more = 1;", "", "must export handler, and nothing else"),
        (f"import {{ x }} from '../lib/lib.js';\n{HANDLER}x();", "", "x.* is not exported by"),
        (f"import {{ x }} from '../lib/gone.js';\n{HANDLER}", "", "gone.js"),
        (f"import {{ x }} from 'left-pad';\n{HANDLER}x();", "", "left-pad"),
        (f"{HANDLER}const = 1;", "", "Expected"),
    ],
)
def test_modules_that_make_no_script_are_refused(
    tmp_path: Path, function: str, lib: str, problem: str
) -> None:
    with pytest.raises(BundleError, match=f"{problem}.*make install"):
        bundled(tmp_path, function, lib)


def test_minifying_keeps_awaits_alone_and_async_functions_at_the_top(tmp_path: Path) -> None:
    """General settings inline both, which the runtime refuses."""
    function = """
        import cf from 'cloudfront';
        import { read } from '../lib/lib.js';
        export async function handler(event) {
          const present = await read(event.request.uri);
          if (!present) { return event.request; }
          const banned = await cf.kvs().exists('ban');
          if (banned) { return { statusCode: 403 }; }
          return event.request;
        }
    """
    lib = """
        import cf from 'cloudfront';
        export async function read(key) {
          const found = await cf.kvs().exists(key);
          if (found) { return found; }
          return '';
        }
    """
    for script in bundled(tmp_path, function, lib):
        assert check(script) == []
