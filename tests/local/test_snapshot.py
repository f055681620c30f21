"""A snapshot starts a cloud at another port, and an interrupted one is not used."""

from pathlib import Path

import pytest

from local.snapshot import Snapshot


@pytest.fixture
def stopped(tmp_path: Path) -> Path:
    """What a cloud at port 4566 left."""
    directory = tmp_path / "stopped"
    (directory / "state").mkdir(parents=True)
    (directory / "s3" / "bucket").mkdir(parents=True)
    (directory / "s3" / "bucket" / "object").write_text("at localhost:4566")
    (directory / "state" / "apigateway.json").write_text(
        '["http://x1.localhost:4566/v1", "<ns0:HTTPPort>4566</ns0:HTTPPort>", "localhost:45660"]'
    )
    return directory


def test_addresses_follow_to_the_new_port_and_objects_stay(stopped: Path, tmp_path: Path) -> None:
    snapshot = Snapshot(tmp_path / "kept")
    snapshot.take(stopped, 4566)
    snapshot.restore(tmp_path / "other", 4700)
    state = (tmp_path / "other" / "state" / "apigateway.json").read_text()
    assert state == (
        '["http://x1.localhost:4700/v1", "<ns0:HTTPPort>4700</ns0:HTTPPort>", "localhost:45660"]'
    )
    assert (tmp_path / "other" / "s3" / "bucket" / "object").read_text() == "at localhost:4566"


def test_one_that_was_interrupted_is_not_whole(
    stopped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = Snapshot(tmp_path / "kept")
    snapshot.take(stopped, 4566)
    assert snapshot.is_whole

    def fails(*_: object, **__: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("shutil.copytree", fails)
    with pytest.raises(OSError, match="no space left"):
        snapshot.take(stopped, 4566)
    assert not snapshot.is_whole
