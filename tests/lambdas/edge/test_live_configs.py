"""Real distributions take our part, keep their own, and give ours back."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator

import pytest

from lambdas.edge.cloudfront_fields import NAMESPACE, REQUIRED, STANDARD_ONLY, missing_on_update
from lambdas.edge.patch_elements import TUNABLE, tag
from lambdas.edge.patch_plan import Behaviour, Desired, Origin, masked, plan_patch, plan_removal
from tests.lambdas.edge.live_configs import NAMES, canonical, live

FUNCTION = "arn:aws:cloudfront::111122223333:function/htmlgame-validate"
ORIGIN = Origin(id="htmlgame-scores", domain="api.example", path="/prod", lock="the-lock")
DESIRED = Desired(
    origins=[ORIGIN],
    behaviours=[
        Behaviour(
            pattern="/api/scores/*",
            origin_id=ORIGIN.id,
            writes=True,
            cache_policy="cache",
            origin_request_policy="forward",
            function=FUNCTION,
        ),
        Behaviour(pattern="/api/ranking/*", origin_id=ORIGIN.id, cache_policy="rankings"),
    ],
)


@pytest.fixture(params=NAMES)
def before(request: pytest.FixtureRequest) -> bytes:
    return live(request.param)


def ours(config: ET.Element) -> list[ET.Element]:
    """Our origins and behaviours."""
    behaviours = (each for each in config.iter(tag("CacheBehavior")) if is_ours(each))
    return [*(each for each in config.iter(tag("Origin")) if is_ours(each)), *behaviours]


def is_ours(item: ET.Element) -> bool:
    name = item.findtext(tag("Id")) or item.findtext(tag("TargetOriginId")) or ""
    return name.startswith("htmlgame-")


def local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def test_there_are_enough_of_them_and_each_is_what_cloudfront_accepts() -> None:
    assert len(NAMES) >= 12
    for name in NAMES:
        assert missing_on_update(ET.fromstring(live(name))) == [], name


def test_the_patched_config_has_everything_that_an_update_requires(before: bytes) -> None:
    assert missing_on_update(ET.fromstring(plan_patch(before, DESIRED).xml)) == []


def test_elements_of_others_stay_byte_for_byte(before: bytes) -> None:
    patched = ET.fromstring(plan_patch(before, DESIRED).xml)
    for item in ours(patched):
        for parent in patched.iter():
            if item in parent:
                parent.remove(item)
    for name in ("Origins", "CacheBehaviors"):
        [quantity] = patched.findall(f"{tag(name)}/{tag('Quantity')}")
        [items] = patched.findall(f"{tag(name)}/{tag('Items')}")
        quantity.text = str(len(items))
        if not len(items):
            patched.find(tag(name)).remove(items)  # type: ignore[union-attr]
    assert canonical(patched) == canonical(before)


def test_a_second_patch_changes_nothing(before: bytes) -> None:
    patched = plan_patch(before, DESIRED).xml
    again = plan_patch(patched, DESIRED)
    assert again.changes == ()
    assert again.xml == patched


def test_removal_gives_back_the_original(before: bytes) -> None:
    patched = plan_patch(before, DESIRED)
    assert patched.changes
    assert canonical(plan_removal(patched.xml, DESIRED).xml) == canonical(before)


def test_ours_are_written_in_the_order_of_the_api_model(before: bytes) -> None:
    for item in ours(ET.fromstring(plan_patch(before, DESIRED).xml)):
        for element in item.iter():
            if local(element) in REQUIRED:
                order = [field.name for field in REQUIRED[local(element)]]
                places = [order.index(local(child)) for child in element]
                assert places == sorted(places), local(element)


def test_a_backup_shows_no_value_of_any_origins_headers(before: bytes) -> None:
    patched = plan_patch(before, DESIRED).xml
    kept = masked(patched)
    values = {value.text or "" for value in ET.fromstring(patched).iter(tag("HeaderValue"))}
    assert "the-lock" in values
    assert not [value for value in values if value.encode() in kept]


def test_a_backup_names_the_headers_and_says_which_is_the_lock() -> None:
    patched = plan_patch(live("origin-headers-and-shield"), DESIRED).xml
    shown = {
        header.findtext(tag("HeaderName")): header.findtext(tag("HeaderValue"))
        for header in ET.fromstring(masked(patched)).iter(tag("OriginCustomHeader"))
    }
    assert shown == {
        "X-Shared-Secret": "(hidden)",
        "X-Environment": "(hidden)",
        "X-Origin-Verify": "(the origin lock)",
    }
    lower = masked(patched.replace(b"X-Origin-Verify", b"x-origin-verify"))
    assert lower.count(b"(the origin lock)") == 1


def test_a_multi_tenant_distribution_gets_no_field_that_it_may_not_have() -> None:
    patched = ET.fromstring(plan_patch(live("multi-tenant"), DESIRED).xml)
    assert not [each for each in patched.iter() if local(each) in STANDARD_ONLY]


PATCHED = plan_patch(live("s3-oac-and-function"), DESIRED).xml


def required_of_ours() -> Iterator[tuple[int, str]]:
    """Each required field in our elements: which element, and its path below that."""
    for index, item in enumerate(ours(ET.fromstring(PATCHED))):
        yield from ((index, path) for path in required_below(item, ""))


def required_below(element: ET.Element, path: str) -> Iterator[str]:
    for child in element:
        name = local(child)
        if any(
            field.name == name and field.on_update for field in REQUIRED.get(local(element), ())
        ):
            yield f"{path}{name}"
        yield from required_below(child, f"{path}{name}/")


def without(index: int, path: str) -> ET.Element:
    config = ET.fromstring(PATCHED)
    parent, child = ours(config)[index], ""
    *parents, child = path.split("/")
    for name in parents:
        parent = parent.find(tag(name))  # type: ignore[assignment]
    parent.remove(parent.find(tag(child)))  # type: ignore[arg-type]
    return config


@pytest.mark.parametrize(("index", "path"), [*required_of_ours()])
def test_a_required_field_that_is_missing_is_named(index: int, path: str) -> None:
    [missing] = missing_on_update(without(index, path))
    assert missing.startswith(("Origins/Items/Origin[", "CacheBehaviors/Items/CacheBehavior["))
    assert missing.rpartition("/")[2] == path.rpartition("/")[2]


@pytest.mark.parametrize(
    ("index", "path", "missing"),
    [
        (0, "CustomOriginConfig", "S3OriginConfig or CustomOriginConfig or VpcOriginConfig"),
        (1, "CachePolicyId", "CachePolicyId"),
        (1, "FunctionAssociations/Items", "Items"),
    ],
)
def test_a_field_that_is_required_by_a_condition_is_named(
    index: int, path: str, missing: str
) -> None:
    [found] = missing_on_update(without(index, path))
    assert found.endswith(f"/{missing}")


def test_our_elements_have_many_required_fields() -> None:
    """Otherwise the test above would check nothing."""
    assert len(list(required_of_ours())) > 40


def direct_fields() -> Iterator[tuple[int, str]]:
    for index, item in enumerate(ours(ET.fromstring(PATCHED))):
        for child in item:
            if local(child) not in ("Id", "PathPattern", "TargetOriginId"):
                yield index, local(child)
        yield from ((index, f"CustomOriginConfig/{local(each)}") for each in custom(item))


def custom(item: ET.Element) -> list[ET.Element]:
    return list(item.find(tag("CustomOriginConfig")) or ())


@pytest.mark.parametrize(("index", "path"), [*direct_fields()])
def test_a_field_that_an_older_version_did_not_write_is_added_in_order(
    index: int, path: str
) -> None:
    old = ET.tostring(without(index, path))
    healed = plan_patch(old, DESIRED)
    [change] = healed.changes
    assert change.startswith("change ")
    assert canonical(healed.xml) == canonical(PATCHED)


def test_a_field_is_put_ahead_of_fields_that_nobody_knows_yet() -> None:
    future = b"<CachePolicyId>rankings</CachePolicyId><Quantum>1</Quantum>"
    patched = PATCHED.replace(b"<CachePolicyId>rankings</CachePolicyId>", future)
    old = patched.replace(b"<CachePolicyId>rankings</CachePolicyId><Q", b"<Q")
    assert old != patched
    assert canonical(plan_patch(old, DESIRED).xml) == canonical(patched)


def bent(field: str, value: str) -> bytes:
    config = ET.fromstring(PATCHED)
    for item in ours(config):
        for element in item.iter(tag(field)):
            element.text = value
            return ET.tostring(config)
    raise AssertionError(field)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("OriginReadTimeout", "60"),
        ("OriginKeepaliveTimeout", "30"),
        ("ConnectionAttempts", "1"),
        ("ConnectionTimeout", "3"),
        ("OriginAccessControlId", "E1EXAMPLEOAC"),
    ],
)
def test_settings_tuned_by_the_owner_stay(field: str, value: str) -> None:
    assert field in TUNABLE
    assert plan_patch(bent(field, value), DESIRED).changes == ()


def test_origin_shield_that_the_owner_turned_on_stays() -> None:
    off = b"<OriginShield><Enabled>false</Enabled></OriginShield>"
    on = (
        b"<OriginShield><Enabled>true</Enabled><OriginShieldRegion>eu-west-1</OriginShieldRegion>"
        b"</OriginShield>"
    )
    ours_at = PATCHED.index(b"<Id>htmlgame-scores</Id>")
    tuned = PATCHED[:ours_at] + PATCHED[ours_at:].replace(off, on, 1)
    assert tuned != PATCHED
    assert plan_patch(tuned, DESIRED).changes == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("DomainName", "other.example"),
        ("OriginPath", "/other"),
        ("HTTPSPort", "8443"),
        ("HTTPPort", "8080"),
        ("OriginProtocolPolicy", "http-only"),
        ("SslProtocol", "TLSv1"),
        ("HeaderName", "X-Other"),
        ("HeaderValue", "another lock"),
        ("ViewerProtocolPolicy", "allow-all"),
        ("Method", "OPTIONS"),
        ("SmoothStreaming", "true"),
        ("Compress", "false"),
        ("EventType", "viewer-response"),
        ("FieldLevelEncryptionId", "E1EXAMPLEFLE"),
        ("CachePolicyId", "another"),
        ("OriginRequestPolicyId", "another"),
    ],
)
def test_settings_that_protect_the_api_are_fixed(field: str, value: str) -> None:
    healed = plan_patch(bent(field, value), DESIRED)
    assert len(healed.changes) == 1
    assert canonical(healed.xml) == canonical(PATCHED)


def test_ours_say_exactly_this() -> None:
    [origin, *behaviours] = [
        ET.tostring(each, encoding="unicode").replace(f' xmlns="{NAMESPACE}"', "")
        for each in ours(ET.fromstring(PATCHED))
    ]
    assert origin == (
        "<Origin><Id>htmlgame-scores</Id><DomainName>api.example</DomainName>"
        "<OriginPath>/prod</OriginPath>"
        "<CustomHeaders><Quantity>1</Quantity><Items><OriginCustomHeader>"
        "<HeaderName>X-Origin-Verify</HeaderName><HeaderValue>the-lock</HeaderValue>"
        "</OriginCustomHeader></Items></CustomHeaders>"
        "<CustomOriginConfig><HTTPPort>80</HTTPPort><HTTPSPort>443</HTTPSPort>"
        "<OriginProtocolPolicy>https-only</OriginProtocolPolicy>"
        "<OriginSslProtocols><Quantity>1</Quantity><Items><SslProtocol>TLSv1.2</SslProtocol>"
        "</Items></OriginSslProtocols><OriginReadTimeout>30</OriginReadTimeout>"
        "<OriginKeepaliveTimeout>5</OriginKeepaliveTimeout></CustomOriginConfig>"
        "<ConnectionAttempts>3</ConnectionAttempts><ConnectionTimeout>10</ConnectionTimeout>"
        "<OriginShield><Enabled>false</Enabled></OriginShield><OriginAccessControlId /></Origin>"
    )
    reads = "<Quantity>2</Quantity><Items><Method>HEAD</Method><Method>GET</Method></Items>"
    all_methods = "".join(
        f"<Method>{method}</Method>"
        for method in ("HEAD", "DELETE", "POST", "GET", "OPTIONS", "PUT", "PATCH")
    )
    between = (
        f"<CachedMethods>{reads}</CachedMethods></AllowedMethods>"
        "<SmoothStreaming>false</SmoothStreaming><Compress>true</Compress>"
        "<LambdaFunctionAssociations><Quantity>0</Quantity></LambdaFunctionAssociations>"
    )
    scores = (
        "<CacheBehavior><PathPattern>/api/scores/*</PathPattern>"
        "<TargetOriginId>htmlgame-scores</TargetOriginId>"
        "<ViewerProtocolPolicy>https-only</ViewerProtocolPolicy>"
        f"<AllowedMethods><Quantity>7</Quantity><Items>{all_methods}</Items>{between}"
        "<FunctionAssociations><Quantity>1</Quantity><Items><FunctionAssociation>"
        f"<FunctionARN>{FUNCTION}</FunctionARN><EventType>viewer-request</EventType>"
        "</FunctionAssociation></Items></FunctionAssociations><FieldLevelEncryptionId />"
        "<CachePolicyId>cache</CachePolicyId>"
        "<OriginRequestPolicyId>forward</OriginRequestPolicyId></CacheBehavior>"
    )
    ranking = (
        "<CacheBehavior><PathPattern>/api/ranking/*</PathPattern>"
        "<TargetOriginId>htmlgame-scores</TargetOriginId>"
        "<ViewerProtocolPolicy>https-only</ViewerProtocolPolicy>"
        f"<AllowedMethods>{reads}{between}"
        "<FunctionAssociations><Quantity>0</Quantity></FunctionAssociations>"
        "<FieldLevelEncryptionId /><CachePolicyId>rankings</CachePolicyId></CacheBehavior>"
    )
    assert behaviours == [scores, ranking]
