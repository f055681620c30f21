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
* {{ box-sizing: border-box }}
:root {{ color-scheme: light dark }}
body {{ font: 1rem/1.5 system-ui, sans-serif }}
body {{ max-width: 26rem; margin: 2rem auto; padding: 0 1rem }}
h1 {{ font-size: 1.5rem }}
input, button {{ font: inherit; width: 100%; min-height: 2.75rem; padding: .6rem; margin: .4rem 0 }}
</style>
<main>
<h1>{title}</h1>
<p>{explanation}</p>
<p lang="ja">{japanese}</p>
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
        explanation="This page stands in for X. Any handle signs in.",
        japanese="X の代わりのページです。どのユーザー名でもログインできます。",
        label="Handle / ユーザー名",
        field="handle",
        value="ann",
        most=15,
        go="Authorize app / 連携を許可",
    )


def privy(redirect: str) -> str:
    return _page(
        {"redirect": redirect},
        title="Privy on this machine",
        explanation="This page stands in for Privy. Any address signs in.",
        japanese="Privy の代わりのページです。どのメールアドレスでもログインできます。",
        label="Email / メールアドレス",
        field="email",
        value="ann@example.org",
        most=254,
        go="Sign in / ログイン",
    )


def _page(hidden: Mapping[str, str], **texts: object) -> str:
    fields = "\n".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in hidden.items()
    )
    return _PAGE.format(hidden=fields, **texts)
