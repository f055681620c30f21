"""The pages on which people sign in with the stand-ins."""

from collections.abc import Mapping
from html import escape
from typing import Final

_PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 24rem; margin: 3rem auto }}
input, button {{ font: inherit; width: 100%; padding: .6rem; margin: .4rem 0 }}
</style>
<main>
<h1>{title}</h1>
<p>{explanation}</p>
<form method="post">
{hidden}
<label>{label} <input name="{field}" value="{value}" autofocus required maxlength="{most}"></label>
<button>{go}</button>
</form>
</main>
"""


def x(asked: Mapping[str, str]) -> str:
    return _page(
        asked,
        title="X on this machine",
        explanation="This page stands in for X. Any handle signs in. "
        "X で使う名前を入力してください。",
        label="Handle",
        field="handle",
        value="ann",
        most=15,
        go="Authorize app",
    )


def privy(redirect: str) -> str:
    return _page(
        {"redirect": redirect},
        title="Privy on this machine",
        explanation="This page stands in for Privy. Any address signs in. "
        "メールアドレスを入力してください。",
        label="Email",
        field="email",
        value="ann@example.org",
        most=254,
        go="Sign in",
    )


def _page(hidden: Mapping[str, str], **texts: object) -> str:
    fields = "\n".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in hidden.items()
    )
    return _PAGE.format(hidden=fields, **texts)
