"""A backup gets its secrets back: ours from SSM, others from the live distribution."""

import re

import pytest

from lambdas.edge.cloudfront_fields import NAMESPACE
from lambdas.edge.patch_plan import masked
from operations.edge.backups import MASKS, NotRestorable, unmasked

LOCK = "the present lock"


def config(*origins: str) -> bytes:
    items = "".join(origins)
    return (
        f'<DistributionConfig xmlns="{NAMESPACE}"><Comment>a&#13;b</Comment><Origins><Quantity>'
        f"{len(origins)}</Quantity><Items>{items}</Items></Origins></DistributionConfig>"
    ).encode()


def origin(name: str, **headers: str) -> str:
    items = "".join(
        f"<OriginCustomHeader><HeaderName>{header.replace('_', '-')}</HeaderName>"
        f"<HeaderValue>{value}</HeaderValue></OriginCustomHeader>"
        for header, value in headers.items()
    )
    return (
        f"<Origin><Id>{name}</Id><CustomHeaders><Quantity>{len(headers)}</Quantity>"
        f"<Items>{items}</Items></CustomHeaders></Origin>"
    )


def values(xml: bytes) -> list[str]:
    return re.findall(r"HeaderValue>([^<]+)<", xml.decode())


def test_our_origins_get_the_present_lock_even_if_it_was_rotated() -> None:
    backup = masked(config(origin("htmlgame-scores", X_Origin_Verify="the old lock")))
    live = config(origin("htmlgame-scores", X_Origin_Verify="whatever"))
    assert values(unmasked(backup, live, LOCK)) == [LOCK]
    assert values(unmasked(backup, config(), LOCK)) == [LOCK]


def test_other_origins_get_the_value_that_is_live() -> None:
    backup = masked(config(origin("shop", X_Api_Key="secret", X_Origin_Verify="theirs")))
    live = config(origin("shop", x_api_key="secret, rotated", X_Origin_Verify="theirs"))
    assert values(unmasked(backup, live, LOCK)) == ["secret, rotated", "theirs"]


@pytest.mark.parametrize(
    "live",
    [
        config(),
        config(origin("shop")),
        config(origin("another", X_Api_Key="secret")),
        config(origin("shop", X_Api_Key="(hidden)")),
    ],
)
def test_a_secret_that_is_nowhere_is_refused_by_name(live: bytes) -> None:
    backup = masked(config(origin("shop", X_Api_Key="secret")))
    with pytest.raises(NotRestorable, match="the value of X-Api-Key of origin shop"):
        unmasked(backup, live, LOCK)


def test_another_programs_header_of_the_locks_name_never_gets_our_lock() -> None:
    backup = masked(config(origin("shop", X_Origin_Verify="theirs")))
    with pytest.raises(NotRestorable, match="X-Origin-Verify of origin shop"):
        unmasked(backup, config(), LOCK)


def test_everything_else_comes_back_as_it_was() -> None:
    xml = config(origin("htmlgame-scores", X_Origin_Verify=LOCK), origin("shop"))
    assert masked(unmasked(masked(xml), xml, LOCK)) == masked(xml)
    assert b"a&#13;b" in unmasked(masked(xml), xml, LOCK)


def test_the_masks_are_those_that_backups_have() -> None:
    xml = config(origin("htmlgame-scores", X_Origin_Verify=LOCK, X_Api_Key="secret"))
    assert {*values(masked(xml))} == MASKS
