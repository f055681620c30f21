"""make site: updates the site's bucket, and invalidates what changed at the CDN."""

import json
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote
from uuid import uuid4

from config import names
from config.environments import Environment
from operations.account.parameters import read_parameter
from operations.rooms import modules
from operations.site.files import SiteError, SiteFile, reaching_loopback, site_files

Client = Callable[[str], Any]
Manifest = dict[str, dict[str, str]]

MANIFEST: Final = "htmlgame-site.json"
_ROOT_OBJECT: Final = "index.html"
_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True)
class Changes:
    new: list[str]
    changed: list[str]
    gone: list[str]

    def __str__(self) -> str:
        kinds = {"new": self.new, "changed": self.changed, "gone": self.gone}
        parts = [f"{len(keys)} {kind}" for kind, keys in kinds.items() if keys]
        return f"site: {', '.join(parts)}" if parts else "site: nothing had changed"

    @property
    def stale_paths(self) -> list[str]:
        """The paths that the CDN may have cached. It cannot have a new file."""
        paths = [f"/{quote(key)}" for key in (*self.changed, *self.gone)]
        return [*paths, "/"] if f"/{_ROOT_OBJECT}" in paths else paths


def publish(
    client: Client, environment: Environment, files: dict[str, SiteFile] | None = None
) -> str:
    """Uploads changed files, deletes its own files that are gone; returns a summary."""
    if not environment.own_site:
        return "own_site=False in config/environments.py: nothing uploaded"
    bucket = Bucket(client("s3"), _parameter(client, names.SITE_BUCKET))
    files = files or site_files()
    if environment.is_local:
        files = reaching_loopback(files)
    files |= _capabilities_files(environment, client)
    changes = bucket.changes_to(files)
    if changes.stale_paths or changes.new:
        bucket.claim(files)
        bucket.apply(changes, files)
        if changes.stale_paths:
            distribution_id = _parameter(client, names.DISTRIBUTION_ID)
            _invalidate(client("cloudfront"), distribution_id, changes.stale_paths)
        # Written last, so that the next run repeats what an interrupted one left undone.
        bucket.settle(files)
    return str(changes)


class Bucket:
    """The site's bucket. Files of others in it stay."""

    def __init__(self, s3: Any, name: str) -> None:
        self._s3 = s3
        self._name = name
        self._ours = self._read_manifest()

    def changes_to(self, files: dict[str, SiteFile]) -> Changes:
        there = self._listed()
        wanted = _manifest(files)
        uploads = [
            key
            for key, entry in wanted.items()
            if self._ours.get(key) != entry or there.get(key) != entry["md5"]
        ]
        return Changes(
            new=[key for key in uploads if key not in there],
            changed=[key for key in uploads if key in there],
            gone=sorted(self._ours.keys() - wanted.keys()),
        )

    def claim(self, files: dict[str, SiteFile]) -> None:
        self._write_manifest(_manifest(files) | self._ours)

    def apply(self, changes: Changes, files: dict[str, SiteFile]) -> None:
        self._upload({key: files[key] for key in (*changes.new, *changes.changed)})
        for key in changes.gone:
            self._s3.delete_object(Bucket=self._name, Key=key)

    def settle(self, files: dict[str, SiteFile]) -> None:
        self._write_manifest(_manifest(files))

    def _upload(self, files: dict[str, SiteFile]) -> None:
        pages = {key: file for key, file in files.items() if key.endswith(".html")}
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            # Pages come last: a page must not refer to a file that is not there yet.
            for batch in (files.keys() - pages.keys(), pages.keys()):
                _finish(pool.map(lambda key: self._put(key, files[key]), sorted(batch)))

    def _put(self, key: str, file: SiteFile) -> None:
        self._s3.put_object(Bucket=self._name, Key=key, Body=file.content, **file.headers)

    def _listed(self) -> dict[str, str]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._name)
        return {
            item["Key"]: item["ETag"].strip('"')
            for page in pages
            for item in page.get("Contents", ())
        }

    def _read_manifest(self) -> Manifest:
        try:
            found = self._s3.get_object(Bucket=self._name, Key=MANIFEST)
        except self._s3.exceptions.NoSuchKey:
            return {}
        manifest: Manifest = json.loads(found["Body"].read())
        return manifest

    def _write_manifest(self, entries: Manifest) -> None:
        self._s3.put_object(
            Bucket=self._name,
            Key=MANIFEST,
            Body=json.dumps(entries, indent=1, sort_keys=True).encode(),
            ContentType="application/json",
            CacheControl="no-store",
        )


def _manifest(files: dict[str, SiteFile]) -> Manifest:
    return {key: {"md5": file.md5, **file.headers} for key, file in files.items()}


def _finish(results: Iterable[None]) -> None:
    for _ in results:
        pass


def _parameter(client: Client, name: str) -> str:
    value = read_parameter(name, client)
    if value is None:
        raise SiteError(
            f"there is no SSM parameter {name} yet: make deploy first, or set own_site=False in "
            "config/environments.py if htmlgame does not host the site"
        )
    return value


def _capabilities_files(environment: Environment, client: Client) -> dict[str, SiteFile]:
    """The files of operations/<name>/site_files.py: what pages read about the deployment."""
    found: dict[str, SiteFile] = {}
    for module in modules("site_files"):
        found |= module.files(environment, client)
    return found


def _invalidate(cloudfront: Any, distribution_id: str, paths: list[str]) -> None:
    cloudfront.create_invalidation(
        DistributionId=distribution_id,
        InvalidationBatch={
            "Paths": {"Quantity": len(paths), "Items": paths},
            "CallerReference": f"site-{uuid4()}",
        },
    )
