"""A sealed value opens for its owner and its key, whatever key seals the next one."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from lambdas.secrets.vault import Vault

OWNER, KEY = "creator/a", "GAME_API_KEY"
VALUE = "value of あ\n"


@pytest.fixture
def kms() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("kms", region_name="us-east-1")


@pytest.fixture
def key_id(kms: Any) -> str:
    return str(kms.create_key()["KeyMetadata"]["KeyId"])


def test_a_sealed_value_opens(kms: Any, key_id: str) -> None:
    vault = Vault(kms)
    sealed = vault.seal(VALUE, owner=OWNER, key=KEY, kms_key=key_id)
    assert VALUE.encode() not in sealed.blob
    assert vault.open(sealed, owner=OWNER, key=KEY) == VALUE


@pytest.mark.parametrize(
    ("owner", "key"), [("creator/b", KEY), ("project/a", KEY), (OWNER, "OTHER"), ("", "")]
)
def test_moved_to_another_owner_or_key_it_does_not(
    kms: Any, key_id: str, owner: str, key: str
) -> None:
    vault = Vault(kms)
    sealed = vault.seal(VALUE, owner=OWNER, key=KEY, kms_key=key_id)
    with pytest.raises(ClientError):
        vault.open(sealed, owner=owner, key=key)


def test_a_value_knows_the_key_that_sealed_it(kms: Any, key_id: str) -> None:
    vault = Vault(kms)
    kms.create_alias(AliasName="alias/secrets", TargetKeyId=key_id)
    old = vault.seal(VALUE, owner=OWNER, key=KEY, kms_key="alias/secrets")
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.update_alias(AliasName="alias/secrets", TargetKeyId=other)
    new = vault.seal(VALUE, owner=OWNER, key=KEY, kms_key="alias/secrets")
    assert old.kms_key != new.kms_key
    assert {vault.open(each, owner=OWNER, key=KEY) for each in (old, new)} == {VALUE}
    with pytest.raises(ClientError):
        vault.open(replace(old, kms_key=new.kms_key), owner=OWNER, key=KEY)


def test_a_printed_sealed_value_shows_nothing(kms: Any, key_id: str) -> None:
    sealed = Vault(kms).seal(VALUE, owner=OWNER, key=KEY, kms_key=key_id)
    assert str(sealed.blob) not in repr(sealed)
