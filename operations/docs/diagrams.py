"""The drawings of the docs, each once for light pages and once for dark ones."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal
from xml.sax.saxutils import escape

Kind = Literal["viewer", "edge", "function", "store", "origin", "background"]


@dataclass(frozen=True, slots=True)
class Palette:
    page: str
    text: str
    quiet: str
    line: str
    fills: dict[Kind, tuple[str, str]]
    """Of each kind its fill and its border."""


LIGHT: Final = Palette(
    page="#ffffff",
    text="#1f2328",
    quiet="#59636e",
    line="#59636e",
    fills={
        "viewer": ("#f6f8fa", "#818b98"),
        "edge": ("#fff8ef", "#bf8700"),
        "function": ("#ffe9c7", "#bf8700"),
        "store": ("#ddf4e4", "#1a7f37"),
        "origin": ("#e8f1ff", "#0969da"),
        "background": ("#f6f0fd", "#8250df"),
    },
)
DARK: Final = Palette(
    page="#0d1117",
    text="#f0f6fc",
    quiet="#9198a1",
    line="#9198a1",
    fills={
        "viewer": ("#151b23", "#656c76"),
        "edge": ("#1d1809", "#9e6a03"),
        "function": ("#3b2a06", "#d29922"),
        "store": ("#0f2a17", "#3fb950"),
        "origin": ("#0c1f38", "#4493f8"),
        "background": ("#1f1633", "#ab7df8"),
    },
)


@dataclass(frozen=True, slots=True)
class Box:
    x: float
    y: float
    width: float
    height: float
    kind: Kind
    title: str
    lines: tuple[str, ...] = ()

    def svg(self, palette: Palette) -> Iterator[str]:
        fill, border = palette.fills[self.kind]
        yield (
            f'<rect x="{self.x:g}" y="{self.y:g}" width="{self.width:g}" '
            f'height="{self.height:g}" rx="8" fill="{fill}" stroke="{border}" stroke-width="1.5"/>'
        )
        x, y = self.x + 14, self.y + 22
        yield f'<text x="{x:g}" y="{y:g}" class="t">{escape(self.title)}</text>'
        for number, line in enumerate(self.lines, 1):
            yield f'<text x="{x:g}" y="{y + 18 * number:g}" class="s">{escape(line)}</text>'


@dataclass(frozen=True, slots=True)
class Arrow:
    points: tuple[tuple[float, float], ...]
    label: str = ""
    at: tuple[float, float] | None = None

    def svg(self, palette: Palette) -> Iterator[str]:
        path = " ".join(f"{x:g},{y:g}" for x, y in self.points)
        yield (
            f'<polyline points="{path}" fill="none" stroke="{palette.line}" '
            'stroke-width="1.5" marker-end="url(#a)"/>'
        )
        if self.label and self.at:
            x, y = self.at
            yield f'<text x="{x:g}" y="{y:g}" class="s">{escape(self.label)}</text>'


@dataclass(frozen=True, slots=True)
class Lane:
    x: float
    top: float
    bottom: float

    def svg(self, palette: Palette) -> Iterator[str]:
        yield (
            f'<line x1="{self.x:g}" y1="{self.top:g}" x2="{self.x:g}" y2="{self.bottom:g}" '
            f'stroke="{palette.line}" stroke-dasharray="2 5"/>'
        )


@dataclass(frozen=True, slots=True)
class Drawing:
    title: str
    description: str
    width: int
    height: int
    parts: Sequence[Box | Arrow | Lane]

    def svg(self, palette: Palette) -> str:
        body = "\n".join(line for part in self.parts for line in part.svg(palette))
        return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" \
role="img" aria-labelledby="title description">
<title id="title">{escape(self.title)}</title>
<desc id="description">{escape(self.description)}</desc>
<defs><marker id="a" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" \
orient="auto-start-reverse"><path d="M0,1 L9,5 L0,9" fill="none" stroke="{palette.line}" \
stroke-width="1.5"/></marker></defs>
<style>
text {{ font-family: system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }}
.t {{ font-size: 15px; font-weight: 600; fill: {palette.text}; }}
.s {{ font-size: 13px; fill: {palette.quiet}; }}
</style>
<rect width="{self.width}" height="{self.height}" rx="12" fill="{palette.page}"/>
{body}
</svg>
"""


_EDGE: Final = 250
_RIGHT: Final = 700
_ROW: Final = 64
_FIRST_ROW: Final = 86


def architecture() -> Drawing:
    """Requests go from left to right; what works by itself stands below."""
    return Drawing(
        "Architecture of htmlgame",
        "A browser calls CloudFront, whose functions answer, refuse or forward; HTTP APIs, "
        "Lambdas and DynamoDB stand behind it; scheduled Lambdas keep boards and edge in order.",
        1000,
        780,
        [*_requests(), *_behind(), *_by_itself()],
    )


def _requests() -> Iterator[Box | Arrow]:
    rows: tuple[tuple[str, str, Kind, str], ...] = (
        ("/api/get-start", "get_start: answers with a start token", "function", "a play begins"),
        ("/api/get-end", "get_end: attests the play's length", "function", "it ends"),
        ("/api/scores/*", "validate: refuses or forwards", "function", "its score"),
        ("/api/ranking/*", "the cache answers most", "edge", "who leads?"),
        ("/api/telemetry/* and more", "passed on", "edge", "events"),
        ("everything else", "your site, as it was", "edge", "the page"),
    )
    within = ("your game,", "htmlgame.js,", "the user key")
    yield Box(24, _FIRST_ROW, 116, 372, "viewer", "Browser", within)
    yield Box(_EDGE, 40, 410, 536, "edge", "CloudFront: your distribution, patched")
    for number, (pattern, told, kind, asked) in enumerate(rows):
        top = _FIRST_ROW + _ROW * number
        yield Box(_EDGE + 16, top, 378, 52, kind, pattern, (told,))
        yield Arrow(((140, top + 26), (_EDGE + 15, top + 26)), asked, (150, top + 20))
    store = ("token keys, limits, thresholds, bans;", "only the functions read it")
    yield Box(_EDGE + 16, 478, 378, 78, "store", "Key-value store", store)


def _behind() -> Iterator[Box | Arrow]:
    inner = _RIGHT + 16
    yield Box(_RIGHT, 40, 276, 274, "origin", "Scores")
    yield Box(inner, 76, 244, 52, "store", "DynamoDB", ("each player's best, top N kept",))
    functions = ("put-score, get-ranking: take only", "what carries the origin lock")
    yield Box(inner, 146, 244, 72, "origin", "Lambda", functions)
    yield Box(inner, 236, 244, 60, "origin", "HTTP API", ("throttled",))
    yield Arrow(((838, 236), (838, 219)))
    yield Arrow(((838, 146), (838, 129)))
    yield Arrow(((644, 240), (672, 240), (672, 256), (inner - 1, 256)))
    yield Arrow(((644, 304), (684, 304), (684, 278), (inner - 1, 278)))
    rooms = (
        "HTTP API, Lambda, DynamoDB;",
        "counted from the table's stream,",
        "creators' secrets under KMS",
    )
    yield Box(_RIGHT, 334, 276, 90, "origin", "Telemetry, if switched on", rooms)
    yield Arrow(((644, 368), (_RIGHT - 1, 368)))
    yield Box(_RIGHT, 444, 276, 56, "origin", "S3 bucket", ("or whatever origin you have",))
    yield Arrow(((644, 432), (672, 432), (672, 472), (_RIGHT - 1, 472)))


def _by_itself() -> Iterator[Box | Arrow]:
    yield Box(24, 640, 952, 116, "background", "By itself")
    jobs = (
        ("trim-top", "daily"),
        ("rotate-keys", "every 30 days"),
        ("drift-guard", "hourly, after deploys"),
        ("count", "seconds after events"),
        ("alarms", "mail when it matters"),
    )
    for number, (name, when) in enumerate(jobs):
        yield Box(40 + 186 * number, 676, 176, 60, "background", name, (when,))
    yield Arrow(((150, 676), (150, 600), (320, 600), (320, 557)), "thresholds", (160, 593))
    yield Arrow(((380, 676), (380, 557)), "new keys", (388, 612))
    yield Arrow(((500, 676), (500, 577)), "the patch, put back", (508, 612))


_BROWSER, _FUNCTIONS, _ORIGIN = 130.0, 480.0, 860.0


def play() -> Drawing:
    """One play from top to bottom: who says what to whom."""
    return Drawing(
        "One play",
        "The browser asks the edge for a start token, plays, asks for an end token, signs the "
        "score with it and submits; the edge checks everything and forwards it to the origin.",
        1000,
        600,
        [*_lanes(), *_steps()],
    )


def _lanes() -> Iterator[Box | Lane]:
    for x in (_BROWSER, _FUNCTIONS, _ORIGIN):
        yield Lane(x, 80, 580)
    yield Box(30, 28, 200, 52, "viewer", "Browser", ("has the user key",))
    yield Box(380, 28, 200, 52, "function", "Edge functions", ("have the token keys",))
    yield Box(760, 28, 200, 52, "origin", "Origin", ("has the boards",))


def _steps() -> Iterator[Box | Arrow]:
    yield _said(_BROWSER, _FUNCTIONS, 116, "get-start: game, player id")
    yield _said(_FUNCTIONS, _BROWSER, 146, "token_start, sid (also as a cookie)")
    yield Box(40, 164, 180, 44, "viewer", "the player plays")
    yield _said(_BROWSER, _FUNCTIONS, 238, "get-end: token_start, time played")
    yield _said(_FUNCTIONS, _BROWSER, 268, "token_end: that time, attested")
    signed = ("name, score, day, sid;", "the key is token_end")
    yield Box(40, 286, 180, 70, "viewer", "X-Sig = HMAC", signed)
    yield _said(_BROWSER, _FUNCTIONS, 388, "PUT scores: tokens, score, X-Sig, key")
    checks = ("one play, this player, in time,", "within limits, has a chance")
    yield Box(370, 406, 220, 70, "function", "validate", checks)
    yield _said(_FUNCTIONS, _ORIGIN, 506, "X-Play-Id, X-Play-Ms, origin lock")
    yield _said(_ORIGIN, _FUNCTIONS, 542, "rank, best, top ten of each board")
    yield _said(_FUNCTIONS, _BROWSER, 542, "")


def _said(sender: float, receiver: float, y: float, words: str) -> Arrow:
    step = 4 if receiver > sender else -4
    ends = ((sender + step, y), (receiver - step, y))
    return Arrow(ends, words, (min(sender, receiver) + 22, y - 7))


DRAWINGS: Final[dict[str, Callable[[], Drawing]]] = {
    "architecture": architecture,
    "play": play,
}


def images() -> dict[str, str]:
    """By file name."""
    return {
        f"{name}-{mode}.svg": make().svg(palette)
        for name, make in DRAWINGS.items()
        for mode, palette in (("light", LIGHT), ("dark", DARK))
    }
