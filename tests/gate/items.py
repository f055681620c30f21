"""Everything a deployed system has stored, taken out of one and put into another."""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from config import names
from config.capabilities import archive, creators, data, edge, scores, secrets, telemetry
from lambdas.shared.http.origin_lock import hashes_of
from local.edge.control import key_value_store_client
from tests.gate.site import Site

Json = Any
TABLES: Final = {
    "scores": scores.TABLE.parameter,
    "telemetry": telemetry.TABLE.parameter,
    "rates": telemetry.RATES.parameter,
    "data": data.TABLE.parameter,
    "creators": creators.TABLE.parameter,
    "secrets": secrets.TABLE.parameter,
}
"""The parameters that hold their names."""
_PARAMETERS: Final = (names.ORIGIN_LOCK, names.TOKEN_KEYS, names.HASH_KEY)
"""Those that functions write. The others are the stacks'."""
_ANSWERS: Final = "_results/"
"""The prefix of Athena's results, which nothing reads again."""
_KEYS_A_CALL: Final = 50
_ITEMS_A_CALL: Final = 25


def stored(site: Site) -> Json:
    """Everything stored, as JSON: binary attributes and files in base64."""
    tables = {
        table: sorted(map(_encoded, site.items(name)), key=_place) for table, name in TABLES.items()
    }
    return {
        "tables": tables,
        "edge": dict(sorted(site.system.edge_values().items())),
        "parameters": {name: site.system.parameter(name) for name in _PARAMETERS},
        "files": {bucket: _files(site, name) for bucket, name in _buckets(site).items()},
        "secrets": [_opened(site, item) for item in tables["secrets"] if "value_enc" in item],
    }


def put_back(site: Site, recorded: Json, *, seconds_ago: int) -> None:
    """Into a system that has just been deployed, as if it had been deployed over the old one."""
    _put_parameters(site, recorded["parameters"])
    _put_edge_values(site, recorded["edge"])
    _stop_streams(site)
    sealed = {_place(secret): _sealed(site, secret) for secret in recorded["secrets"]}
    for table, parameter in TABLES.items():
        items = [
            _later(_decoded(item), seconds_ago) | sealed.get(_place(item), {})
            for item in recorded["tables"][table]
        ]
        _put_items(site, parameter, items)
    for bucket, name in _buckets(site).items():
        _put_files(site, name, recorded["files"][bucket])


# Tables


def _place(item: Json) -> str:
    return json.dumps([item["PK"], item.get("SK")])


def _encoded(value: Json) -> Json:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {name: _encoded(value[name]) for name in sorted(value)}
    return [_encoded(each) for each in value] if isinstance(value, list) else value


def _decoded(item: Json) -> Json:
    """Only attributes of their own are binary here, none inside another."""
    return {
        name: {"B": base64.b64decode(value["B"])} if "B" in value else value
        for name, value in item.items()
    }


def _later(item: Json, seconds: int) -> Json:
    """With as long to live as it had: the emulator deletes what has expired."""
    if "expires" not in item:
        return item
    return item | {"expires": {"N": str(int(item["expires"]["N"]) + seconds)}}


def _put_items(site: Site, parameter: str, items: list[Json]) -> None:
    client, table = site.system.cloud.client("dynamodb"), site.system.parameter(parameter)
    for start in range(0, len(items), _ITEMS_A_CALL):
        batch = [{"PutRequest": {"Item": item}} for item in items[start : start + _ITEMS_A_CALL]]
        answer = client.batch_write_item(RequestItems={table: batch})
        assert not answer["UnprocessedItems"]


def _stop_streams(site: Site) -> None:
    """A stream would hand on what is put back as if it had just happened, and it was counted."""
    client = site.system.cloud.client("lambda")
    for mapping in client.list_event_source_mappings()["EventSourceMappings"]:
        client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)


# Secrets


def _opened(site: Site, item: Json) -> Json:
    """KMS gives no key away, so what was sealed is recorded with what it was sealed for."""
    context = {"owner": item["PK"]["S"], "key": item["SK"]["S"].removeprefix("ENV#")}
    answer = site.system.cloud.client("kms").decrypt(
        CiphertextBlob=base64.b64decode(item["value_enc"]["B"]),
        KeyId=item["kms_key"]["S"],
        EncryptionContext=context,
    )
    value = answer["Plaintext"].decode()
    return {"PK": item["PK"], "SK": item["SK"], "context": context, "value": value}


def _sealed(site: Site, secret: Json) -> Json:
    """By the new system's key, for what the old version sealed it for."""
    answer = site.system.cloud.client("kms").encrypt(
        KeyId=_key(site),
        Plaintext=secret["value"].encode(),
        EncryptionContext=secret["context"],
    )
    return {"value_enc": {"B": answer["CiphertextBlob"]}, "kms_key": {"S": answer["KeyId"]}}


def _key(site: Site) -> str:
    resources = site.system.cloud.client("cloudformation").describe_stack_resources(
        StackName=telemetry.CAPABILITY.stack
    )["StackResources"]
    [key] = [each for each in resources if each["ResourceType"] == "AWS::KMS::Key"]
    return str(key["PhysicalResourceId"])


# The edge's store, parameters and files


def _put_edge_values(site: Site, values: Mapping[str, str]) -> None:
    """Then it is brought up to date, as a deploy brings up to date what is there."""
    client = key_value_store_client(site.system.cloud)
    arn = site.system.parameter(names.EDGE_STORE_ARN)
    changes = [("Puts", {"Key": key, "Value": value}) for key, value in values.items()]
    changes += [("Deletes", {"Key": key}) for key in site.system.edge_values() if key not in values]
    for start in range(0, len(changes), _KEYS_A_CALL):
        batch: dict[str, list[dict[str, str]]] = {}
        for kind, change in changes[start : start + _KEYS_A_CALL]:
            batch.setdefault(kind, []).append(change)
        etag = client.describe_key_value_store(KvsARN=arn)["ETag"]
        client.update_keys(KvsARN=arn, IfMatch=etag, **batch)
    client.close()
    answer = site.invoke(
        edge.STORE_KEEPER.name,
        {"RequestType": "Update", "ResourceProperties": {"Entries": _entries(site)}},
    )
    assert "errorMessage" not in answer, answer


def _entries(site: Site) -> str:
    """The games, as the deployed template hands them to the store's keeper."""
    assembly = site.system.cloud.directory / "cdk.out"
    template = json.loads((assembly / f"{edge.CAPABILITY.stack}.template.json").read_text())
    [entries] = [
        resource["Properties"]["Entries"]
        for resource in template["Resources"].values()
        if "Entries" in resource.get("Properties", {})
    ]
    return str(entries)


def _put_parameters(site: Site, values: Mapping[str, str]) -> None:
    for name, value in values.items():
        _put_parameter(site, name, value, "SecureString")
    # An update publishes the hashes of the lock that it finds.
    _put_parameter(site, names.ORIGIN_LOCK_HASHES, hashes_of(values[names.ORIGIN_LOCK]), "String")
    # The distribution sends the lock, and the drift guard passes it the lock.
    site.invoke(edge.DRIFT_GUARD.name, {})


def _put_parameter(
    site: Site, name: str, value: str, kind: Literal["SecureString", "String"]
) -> None:
    site.system.cloud.client("ssm").put_parameter(Name=name, Value=value, Type=kind, Overwrite=True)


def _buckets(site: Site) -> dict[str, str]:
    found = [each["Name"] for each in site.system.cloud.client("s3").list_buckets()["Buckets"]]
    [backups] = [name for name in found if "backups" in name]
    return {"archive": site.system.parameter(archive.BUCKET), "backups": backups}


def _files(site: Site, bucket: str) -> Json:
    return {key: dict(_file(site, bucket, key)) for key in _keys(site, bucket)}


def _keys(site: Site, bucket: str) -> list[str]:
    pages = site.system.cloud.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket)
    found = [each["Key"] for page in pages for each in page.get("Contents", ())]
    return [key for key in found if not key.startswith(_ANSWERS)]


def _file(site: Site, bucket: str, key: str) -> Iterator[tuple[str, str]]:
    answer = site.system.cloud.client("s3").get_object(Bucket=bucket, Key=key)
    yield "body", base64.b64encode(answer["Body"].read()).decode()
    for name in ("ContentType", "ContentEncoding"):
        if name in answer:
            yield name, answer[name]


def _put_files(site: Site, bucket: str, files: Json) -> None:
    for key, file in files.items():
        kept = {name: value for name, value in file.items() if name != "body"}
        site.system.cloud.client("s3").put_object(
            Bucket=bucket, Key=key, Body=base64.b64decode(file["body"]), **kept
        )
