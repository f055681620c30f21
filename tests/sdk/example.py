"""The page in the documentation, unchanged."""

from __future__ import annotations

import re

from tests.sdk.node import ROOT

_PAGE = re.compile(r"```html\n(.*?)```", re.DOTALL)
_SCRIPT = re.compile(r'<script type="module">\n(.*?)</script>', re.DOTALL)


def page() -> str:
    [found] = _PAGE.findall((ROOT / "docs" / "reference" / "sdk.md").read_text(encoding="utf-8"))
    return str(found)


def script() -> str:
    [found] = _SCRIPT.findall(page())
    return str(found)


def ids() -> list[str]:
    return re.findall(r'id="(\w+)"', page())
