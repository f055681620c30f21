"""Draws a command and its output as an SVG of a terminal."""

import html
import re
from typing import Final
from unicodedata import east_asian_width

_WIDTH: Final = 8.4
_LINE: Final = 20
_EDGE: Final = 20
_BAR: Final = 32
_COLOURS: Final = {"✓": "#7ee787", "✗": "#ff7b72", "!": "#e3b341", "–": "#8b949e"}
_TEXT: Final = "#e6edf3"
_FAINT: Final = "#8b949e"
_ESCAPE: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")


def terminal(command: str, output: str) -> str:
    lines = [f"$ {command}", *_ESCAPE.sub("", output).rstrip().splitlines()]
    width = max(map(_columns, lines)) * _WIDTH + 2 * _EDGE
    height = len(lines) * _LINE + _BAR + _EDGE
    rows = "\n".join(_row(line, _BAR + (number + 1) * _LINE) for number, line in enumerate(lines))
    return _PICTURE.format(width=round(width), height=height, rows=rows, label=html.escape(command))


_PICTURE: Final = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" \
viewBox="0 0 {width} {height}" role="img" aria-label="{label}">
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<circle cx="20" cy="17" r="5" fill="#ff5f57"/>
<circle cx="38" cy="17" r="5" fill="#febc2e"/>
<circle cx="56" cy="17" r="5" fill="#28c840"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, monospace" \
font-size="14">
{rows}
</g>
</svg>
"""


def _row(line: str, y: int) -> str:
    mark = line[:1]
    if mark in _COLOURS and line[1:2] == " ":
        rest = _escaped(line[1:])
        spans = f'<tspan fill="{_COLOURS[mark]}">{mark}</tspan><tspan fill="{_TEXT}">{rest}</tspan>'
    else:
        colour = _FAINT if line.startswith("$ ") else _TEXT
        spans = f'<tspan fill="{colour}">{_escaped(line)}</tspan>'
    return f'<text x="{_EDGE}" y="{y}">{spans}</text>'


def _escaped(text: str) -> str:
    """Renderers of SVG join ordinary spaces."""
    return html.escape(text).replace(" ", "\u00a0")


def _columns(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
