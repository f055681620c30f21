"""Credentials of the local cloud: random, private, and ready for any AWS program."""

import stat
import subprocess
from pathlib import Path

import pytest

from local.access.credentials import AWS_FILE, Credentials, NoCredentialsError


def test_they_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    written = Credentials.fresh()
    written.write(tmp_path, "http://127.0.0.1:1", "us-east-1")
    assert Credentials.read(tmp_path) == written


def test_each_start_has_others() -> None:
    one, another = Credentials.fresh(), Credentials.fresh()
    assert {one.key_id, one.secret, one.door}.isdisjoint(
        {another.key_id, another.secret, another.door}
    )


def test_only_their_user_may_read_them(tmp_path: Path) -> None:
    (tmp_path / AWS_FILE).write_text("left by an earlier version, readable by all")
    Credentials.fresh().write(tmp_path, "http://127.0.0.1:1", "us-east-1")
    modes = {stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()}
    assert modes == {0o600}


def test_a_shell_that_sources_them_is_ready_for_any_aws_program(tmp_path: Path) -> None:
    credentials = Credentials.fresh()
    credentials.write(tmp_path, "http://127.0.0.1:4566", "us-east-1")
    wanted = credentials.environment("http://127.0.0.1:4566", "us-east-1")
    script = f". {tmp_path / AWS_FILE}; env"
    before = {"PATH": "/usr/bin:/bin", "AWS_PROFILE": "mine", "AWS_SESSION_TOKEN": "mine"}
    said = subprocess.run(
        ["/bin/sh", "-c", script], env=before, capture_output=True, text=True, check=True
    )
    there = dict(line.partition("=")[::2] for line in said.stdout.splitlines())
    assert wanted.items() <= there.items()
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN"} & there.keys()


def test_without_a_start_there_are_none(tmp_path: Path) -> None:
    with pytest.raises(NoCredentialsError, match="no local cloud was started"):
        Credentials.read(tmp_path)


def test_they_are_not_shown_where_objects_are_printed() -> None:
    credentials = Credentials.fresh()
    assert credentials.secret not in repr(credentials)
    assert credentials.door not in repr(credentials)
