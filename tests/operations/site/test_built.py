"""A site built on one machine is uploaded from another as if both were the same."""

from pathlib import Path

import pytest

from operations.site.built import read, write
from operations.site.files import SiteError, SiteFile, site_files


def test_a_built_site_is_the_site(tmp_path: Path) -> None:
    files = site_files()
    write(tmp_path / "site", files)
    assert read(tmp_path / "site") == files


def test_a_build_holds_nothing_of_the_one_before(tmp_path: Path) -> None:
    write(tmp_path, {"old.html": SiteFile(b"", "text/html; charset=utf-8")})
    write(tmp_path, {"sdk/new.js": SiteFile(b"1", "text/javascript; charset=utf-8")})
    assert list(read(tmp_path)) == ["sdk/new.js"]


def test_a_site_that_was_not_built_is_not_published(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match=r"has no built site; fix: make build-site$"):
        read(tmp_path / "site")
