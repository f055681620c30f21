"""A Lambda carries its own code, what that imports, and bytecode that zipping cannot void."""

import importlib.util
import json
import os
import ssl
import subprocess
import sys
import zipfile
from dataclasses import fields
from pathlib import Path
from typing import Any

import boto3
import botocore.loaders
import pytest
from botocore.httpsession import DEFAULT_CA_BUNDLE
from botocore.session import Session

from config.capabilities.edge import ORIGIN_LOCK_KEEPER
from config.capabilities.scores import GET_RANKING, PUT_SCORE
from config.environments import DELIVERED, LOCAL, Target
from config.manifest import Function
from config.manifests import FUNCTIONS
from lambdas.shared.settings import Settings
from stacks.shared import packaging
from stacks.shared.packaging import (
    ROOT,
    PackagingError,
    function_package,
    imports_of,
    interpreter_for,
    library_layer,
    services_called,
)
from tests.engines import require

_UNCHECKED_HASH = 0b01
_ELSEWHERE = ["us-east-1", "ap-northeast-1", "eu-central-1", "sa-east-1"]


@pytest.fixture(scope="module")
def layer() -> Path:
    return library_layer(LOCAL.target).path / "python"


def modules_of(function: Function) -> tuple[str, ...]:
    return (function.module, *packaging.carried_by(function))


def common_name(root: Any) -> str:
    [name] = [value for [(key, value)] in root["subject"] if key == "commonName"]
    return str(name)


def sources(package: Path) -> set[str]:
    return {str(path.relative_to(package)) for path in package.rglob("*.py")}


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
def test_a_package_holds_what_its_handler_imports_and_nothing_else(function: Function) -> None:
    package = function_package(function, LOCAL.target).path
    held = sources(package)
    expected = {str(path.relative_to(ROOT)) for path in imports_of(*modules_of(function)).own}
    assert held == expected
    capabilities = {module.split(".")[1] for module in modules_of(function)}
    assert {name.split("/")[1] for name in held if name.count("/") > 1} <= capabilities | {"shared"}


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
def test_a_packaged_handler_starts_from_its_package_and_layer_alone(
    function: Function, layer: Path
) -> None:
    """With no module of this checkout or its environment to lean on."""
    package = function_package(function, LOCAL.target).path
    folders = {module.rpartition(".")[0] for module in modules_of(function)}
    settings = {
        setting.name.upper(): "1"
        for folder in folders
        for kind in vars(importlib.import_module(f"{folder}.settings")).values()
        if isinstance(kind, type) and issubclass(kind, Settings)
        for setting in fields(kind)
    }
    started = subprocess.run(
        [sys.executable, "-S", "-c", f"import {function.module} as m; print(callable(m.handler))"],
        cwd=package,
        env={
            "PYTHONPATH": f"{package}{os.pathsep}{layer}",
            "AWS_DEFAULT_REGION": "us-east-1",
            **settings,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert started.stdout.strip() == "True", started.stderr


def test_put_score_carries_the_games_and_the_lock_keeper_does_not() -> None:
    games = function_package(PUT_SCORE, LOCAL.target).path / "lambdas/scores/games.json"
    assert "snake" in json.loads(games.read_text())
    keeper = function_package(ORIGIN_LOCK_KEEPER, LOCAL.target).path
    assert not list(keeper.rglob("*.json"))


def bytecode_of(source: Path, version: str) -> Path:
    tag = f"cpython-{version.replace('.', '')}"
    return source.parent / "__pycache__" / f"{source.stem}.{tag}.pyc"


def assert_hash_based_bytecode_beside_every_source(package: Path, version: str) -> None:
    found = list(package.rglob("*.py"))
    assert found
    for source in found:
        header = bytecode_of(source, version).read_bytes()[:16]
        assert int.from_bytes(header[4:8], "little") == _UNCHECKED_HASH, source
        if version == LOCAL.target.python:  # another Python hashes in its own way
            assert header[8:16] == importlib.util.source_hash(source.read_bytes()), source


def test_bytecode_stands_beside_every_source(layer: Path) -> None:
    version = LOCAL.target.python
    assert_hash_based_bytecode_beside_every_source(layer, version)
    assert_hash_based_bytecode_beside_every_source(
        function_package(GET_RANKING, LOCAL.target).path, version
    )


def test_bytecode_survives_a_zip_that_restamps_every_file(tmp_path: Path, layer: Path) -> None:
    archive = tmp_path / "layer.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        for path in (layer / "botocore").rglob("*"):
            entry = zipfile.ZipInfo(str(path.relative_to(layer)), (1980, 1, 1, 0, 0, 0))
            if path.is_file():
                zipped.writestr(entry, path.read_bytes())
    with zipfile.ZipFile(archive) as zipped:
        zipped.extractall(tmp_path / "opt")
    source = tmp_path / "opt" / "botocore" / "session.py"
    # Where the bytecode is used, a source that no longer compiles goes unnoticed.
    source.write_text("this is not Python")
    probe = [sys.executable, "-c", "import botocore.session"]
    paths = f"{tmp_path / 'opt'}{os.pathsep}{layer}"
    assert subprocess.run(probe, env={"PYTHONPATH": paths}, check=False).returncode == 0


def test_packages_for_aws_contain_bytecode() -> None:
    version = DELIVERED.target.python
    require(interpreter_for(version), f"python{version} on PATH, for the bytecode that AWS runs")
    assert_hash_based_bytecode_beside_every_source(
        library_layer(DELIVERED.target).path / "python", version
    )


def test_the_same_input_gives_the_same_hash_and_the_same_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def contents(build: Path) -> tuple[str, dict[str, bytes]]:
        monkeypatch.setattr(packaging, "BUILD", build)
        package = function_package(PUT_SCORE, LOCAL.target)
        files = {
            str(path.relative_to(package.path)): path.read_bytes()
            for path in package.path.rglob("*")
            if path.is_file()
        }
        return package.digest, files

    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_another_python_or_platform_is_another_package() -> None:
    other = Target(python="3.99", architecture="arm64", wheels=())
    assert (
        function_package(PUT_SCORE, LOCAL.target).digest
        != function_package(PUT_SCORE, other).digest
    )


def test_an_import_that_no_layer_provides_fails_at_synth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lambdas").mkdir()
    (tmp_path / "lambdas" / "__init__.py").touch()
    (tmp_path / "lambdas" / "odd.py").write_text("import numpy\n")
    monkeypatch.setattr(packaging, "ROOT", tmp_path)
    monkeypatch.setattr(packaging, "REQUIREMENTS", tmp_path / "lambdas" / "requirements.txt")
    with pytest.raises(PackagingError, match=r"lambdas\.odd imports numpy, which no layer"):
        function_package(Function(id="Odd", name="odd", module="lambdas.odd"), LOCAL.target)


def test_no_interpreter_means_no_bytecode_rather_than_wrong_bytecode() -> None:
    assert interpreter_for("3.99") is None


def test_the_layer_keeps_the_services_that_are_called_and_no_other(layer: Path) -> None:
    kept = {path.name for path in (layer / "botocore" / "data").iterdir() if path.is_dir()}
    assert kept == services_called()
    assert {"dynamodb", "ssm", "cloudfront", "lambda"} <= kept


def test_the_layer_trusts_the_roots_of_amazon_and_no_other(layer: Path) -> None:
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trust.load_verify_locations(layer / "botocore" / "cacert.pem")
    names = {common_name(root) for root in trust.get_ca_certs()}
    assert names == {
        "Amazon Root CA 1",
        "Amazon Root CA 2",
        "Amazon Root CA 3",
        "Amazon Root CA 4",
        "Starfield Services Root Certificate Authority - G2",
    }


def test_a_root_that_botocore_no_longer_holds_fails_at_synth(tmp_path: Path) -> None:
    bundle = tmp_path / "cacert.pem"
    bundle.write_text(Path(DEFAULT_CA_BUNDLE).read_text().replace("Amazon Root CA 3", "Root 3"))
    with pytest.raises(PackagingError, match="no root named Amazon Root CA 3: compare"):
        packaging._keep_amazons_roots(bundle)


@pytest.mark.parametrize("region", _ELSEWHERE)
def test_cut_endpoints_lead_where_stock_botocore_leads(layer: Path, region: str) -> None:
    """Addresses and signing scopes, for every service a Lambda calls."""
    for service in sorted(services_called()):
        cut = Session()
        cut.register_component(
            "data_loader",
            botocore.loaders.Loader(
                extra_search_paths=[str(layer / "botocore" / "data")],
                include_default_search_paths=False,
            ),
        )
        ours = boto3.Session(botocore_session=cut).client(service, region_name=region)
        stock = boto3.Session().client(service, region_name=region)
        assert ours.meta.endpoint_url == stock.meta.endpoint_url
        assert ours._request_signer.region_name == stock._request_signer.region_name
        assert ours._request_signer.signing_name == stock._request_signer.signing_name
