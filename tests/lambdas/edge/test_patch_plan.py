"""Other people's distributions come through untouched but for what is ours, or not at all."""

import xml.etree.ElementTree as ET
from collections.abc import Iterable

import pytest

from lambdas.edge.patch_plan import (
    Behaviour,
    Desired,
    Origin,
    PatchRefusedError,
    masked,
    plan_patch,
    plan_removal,
)

NS = "http://cloudfront.amazonaws.com/doc/2020-05-31/"
ARN = "arn:aws:cloudfront::000000000000:function/htmlgame-validate"
OURS = ["/api/get-start", "/api/scores/*", "/api/ranking/*"]


def wanted(lock: str = "the-lock", most: int = 75) -> Desired:
    origin = Origin(id="htmlgame-scores", domain="api.example", path="/prod", lock=lock)
    return Desired(
        origins=[origin],
        behaviours=[
            Behaviour(
                pattern=pattern,
                origin_id=origin.id,
                writes="scores" in pattern,
                cache_policy="policy",
                function=None if "ranking" in pattern else ARN,
            )
            for pattern in OURS
        ],
        most_behaviours=most,
    )


def behaviour(pattern: str, extra: str = "", origin: str = "site") -> str:
    return (
        f"<CacheBehavior><PathPattern>{pattern}</PathPattern>"
        f"<TargetOriginId>{origin}</TargetOriginId>{extra}</CacheBehavior>"
    )


def config(behaviours: Iterable[str] = (), extra: str = "", default: str = "") -> bytes:
    items = list(behaviours)
    listed = f"<Items>{''.join(items)}</Items>" if items else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<DistributionConfig xmlns="{NS}"><CallerReference>theirs</CallerReference>'
        "<Aliases><Quantity>1</Quantity><Items><CNAME>play.example</CNAME></Items></Aliases>"
        "<Origins><Quantity>1</Quantity><Items><Origin><Id>site</Id>"
        "<DomainName>bucket.s3.amazonaws.com</DomainName><OriginPath></OriginPath>"
        "<S3OriginConfig><OriginAccessIdentity></OriginAccessIdentity></S3OriginConfig>"
        f"</Origin></Items></Origins>{extra}"
        f"<DefaultCacheBehavior><TargetOriginId>site</TargetOriginId>{default}"
        "</DefaultCacheBehavior>"
        f"<CacheBehaviors><Quantity>{len(items)}</Quantity>{listed}</CacheBehaviors>"
        "<Comment>our site</Comment><Enabled>true</Enabled></DistributionConfig>"
    ).encode()


LEGACY = (
    "<ForwardedValues><QueryString>true</QueryString><Cookies><Forward>all</Forward></Cookies>"
    "<Headers><Quantity>1</Quantity><Items><Name>Origin</Name></Items></Headers>"
    "</ForwardedValues><MinTTL>0</MinTTL><DefaultTTL>86400</DefaultTTL>"
)
GROUPS = (
    "<OriginGroups><Quantity>1</Quantity><Items><OriginGroup><Id>both</Id><FailoverCriteria>"
    "<StatusCodes><Quantity>1</Quantity><Items><StatusCode>500</StatusCode></Items></StatusCodes>"
    "</FailoverCriteria><Members><Quantity>1</Quantity><Items><OriginGroupMember>"
    "<OriginId>site</OriginId></OriginGroupMember></Items></Members></OriginGroup></Items>"
    "</OriginGroups>"
)
AT_EDGE = (
    "<LambdaFunctionAssociations><Quantity>1</Quantity><Items><LambdaFunctionAssociation>"
    "<LambdaFunctionARN>arn:aws:lambda:us-east-1:1:function:x:3</LambdaFunctionARN>"
    "<EventType>origin-request</EventType><IncludeBody>false</IncludeBody>"
    "</LambdaFunctionAssociation></Items></LambdaFunctionAssociations>"
)
FOREIGN = (
    "<FunctionAssociations><Quantity>1</Quantity><Items><FunctionAssociation>"
    "<FunctionARN>arn:aws:cloudfront::1:function/rewrite</FunctionARN>"
    "<EventType>viewer-request</EventType></FunctionAssociation></Items></FunctionAssociations>"
)
FUTURE = "<QuantumRouting><Mode>always</Mode><Depth>3</Depth></QuantumRouting>"

SHAPES = {
    "nothing but a site": config(),
    "legacy ForwardedValues": config([behaviour("/old/*", LEGACY)], default=LEGACY),
    "origin groups": config([behaviour("/both/*", origin="both")], GROUPS),
    "Lambda@Edge on another path": config([behaviour("/img/*", AT_EDGE)], default=AT_EDGE),
    "an existing /api/*": config([behaviour("/api/*", LEGACY)]),
    "a catch-all ahead": config([behaviour("*"), behaviour("/static/*")]),
    "a /* catch-all ahead": config([behaviour("/*"), behaviour("/static/*")]),
    "a foreign function on another path": config([behaviour("/blog/*", FOREIGN)]),
    "25 behaviours": config([behaviour(f"/p{number}/*") for number in range(25)]),
    "unknown future fields": config([behaviour("/x/*", FUTURE)], FUTURE, FUTURE),
    "a narrower path ahead": config([behaviour("/api/scores/export"), behaviour("/api/*")]),
}


def patterns(xml: bytes) -> list[str]:
    found = ET.fromstring(xml).iter(f"{{{NS}}}PathPattern")
    return [element.text or "" for element in found]


def canonical(xml: bytes) -> str:
    return ET.canonicalize(xml.decode(), strip_text=False)


@pytest.fixture(params=SHAPES, ids=str)
def shape(request: pytest.FixtureRequest) -> bytes:
    return SHAPES[request.param]


def test_removal_restores_the_config_byte_for_byte(shape: bytes) -> None:
    patched = plan_patch(shape, wanted())
    assert patched.changes
    assert canonical(plan_removal(patched.xml, wanted()).xml) == canonical(shape)


def test_every_behaviour_is_added_and_none_shadows_it(shape: bytes) -> None:
    patched = plan_patch(shape, wanted()).xml
    order = patterns(patched)
    for pattern in OURS:
        ahead = order[: order.index(pattern)]
        assert not {"*", "/*", "/api/*"} & set(ahead)
    [lock] = ET.fromstring(patched).iter(f"{{{NS}}}HeaderValue")
    assert lock.text == "the-lock"


def test_foreign_elements_stay_unchanged(shape: bytes) -> None:
    """Element by element, in the patched config itself."""
    patched = ET.fromstring(plan_patch(shape, wanted()).xml)
    before = [
        ET.tostring(element) for element in ET.fromstring(shape).iter(f"{{{NS}}}CacheBehavior")
    ]
    after = [
        ET.tostring(element)
        for element in patched.iter(f"{{{NS}}}CacheBehavior")
        if element.findtext(f"{{{NS}}}PathPattern") not in OURS
    ]
    assert after == before
    for child in ET.fromstring(shape):
        if not child.tag.endswith(("}Origins", "}CacheBehaviors")):
            assert ET.tostring(child) in {ET.tostring(each) for each in patched}


def test_patching_again_changes_nothing(shape: bytes) -> None:
    patched = plan_patch(shape, wanted()).xml
    again = plan_patch(patched, wanted())
    assert again.changes == ()
    assert again.xml == patched


def test_fields_that_cloudfront_adds_to_ours_are_no_reason_to_write() -> None:
    patched = plan_patch(SHAPES["nothing but a site"], wanted()).xml.decode()
    grown = patched.replace(
        "<Compress>true</Compress>",
        "<Compress>true</Compress><SmoothStreaming>false</SmoothStreaming><GrpcConfig>"
        "<Enabled>false</Enabled></GrpcConfig><LambdaFunctionAssociations><Quantity>0</Quantity>"
        "</LambdaFunctionAssociations>",
    )
    assert plan_patch(grown.encode(), wanted()).changes == ()


def test_a_rotated_lock_changes_the_origin_and_only_that() -> None:
    patched = plan_patch(SHAPES["an existing /api/*"], wanted()).xml
    rotated = plan_patch(patched, wanted(lock="another"))
    assert rotated.changes == ("change origin htmlgame-scores",)
    assert canonical(rotated.xml) == canonical(patched).replace("the-lock", "another")


def test_a_behaviour_changed_by_hand_is_fixed() -> None:
    patched = plan_patch(SHAPES["an existing /api/*"], wanted()).xml.decode()
    policy = "<CachePolicyId>{}</CachePolicyId>"
    bent = patched.replace(policy.format("policy"), policy.format("x"))
    healed = plan_patch(bent.encode(), wanted())
    assert len(healed.changes) == len(OURS)
    assert canonical(healed.xml) == canonical(patched.encode())


def test_ours_turned_back_to_settings_of_old_is_put_right_without_a_contradiction() -> None:
    """CloudFront takes a cache policy or ForwardedValues with their TTLs, never both."""
    patched = plan_patch(SHAPES["legacy ForwardedValues"], wanted()).xml.decode()
    policy = "<CachePolicyId>policy</CachePolicyId>"
    legacy = LEGACY + "<MaxTTL>86400</MaxTTL>"
    healed = plan_patch(patched.replace(policy, legacy).encode(), wanted())
    assert len(healed.changes) == len(OURS)
    assert canonical(healed.xml) == canonical(patched.encode())


def test_a_carriage_return_in_their_words_is_still_one() -> None:
    theirs = config().replace(b"our site", b"our&#13;&#10;site")
    patched = plan_patch(theirs, wanted()).xml
    assert ET.fromstring(patched).findtext(f"{{{NS}}}Comment") == "our\r\nsite"
    assert canonical(plan_removal(patched, wanted()).xml) == canonical(theirs)


def test_a_catch_all_put_ahead_of_our_behaviours_is_moved_behind_them() -> None:
    patched = ET.fromstring(plan_patch(config([behaviour("/static/*")]), wanted()).xml)
    items = patched.find(f"{{{NS}}}CacheBehaviors/{{{NS}}}Items")
    assert items is not None
    [catch_all] = ET.fromstring(config([behaviour("/*")])).iter(f"{{{NS}}}CacheBehavior")
    items.insert(0, catch_all)
    planned = plan_patch(ET.tostring(patched), wanted())
    assert patterns(planned.xml) == [*OURS, "/*", "/static/*"]
    assert len(planned.changes) == 1


@pytest.mark.parametrize(
    ("theirs", "says"),
    [
        (behaviour("/api/scores/*", FOREIGN), "runs the function .*rewrite.*take it off"),
        (behaviour("/api/scores/*", AT_EDGE), "Lambda@Edge .*move it to another path"),
        (behaviour("/api/ranking/*", LEGACY), "goes to origin site: remove it, or give htmlgame"),
        (behaviour("api/ranking/*"), "goes to origin site"),
    ],
)
def test_a_foreign_behaviour_on_our_path_is_never_overwritten(theirs: str, says: str) -> None:
    with pytest.raises(PatchRefusedError, match=says):
        plan_patch(config([theirs]), wanted())


def test_a_foreign_function_on_our_behaviour_is_not_removed() -> None:
    patched = plan_patch(SHAPES["nothing but a site"], wanted()).xml.decode()
    taken = patched.replace(ARN, "arn:aws:cloudfront::1:function/rewrite", 1)
    with pytest.raises(PatchRefusedError, match="which htmlgame did not put there"):
        plan_patch(taken.encode(), wanted())


def test_a_distribution_may_have_exactly_as_many_behaviours_as_its_quota() -> None:
    assert len(patterns(plan_patch(SHAPES["25 behaviours"], wanted(most=28)).xml)) == 28


def test_a_config_above_a_quota_is_refused_before_it_is_sent() -> None:
    with pytest.raises(PatchRefusedError, match="would have 28 behaviours and may have 27"):
        plan_patch(SHAPES["25 behaviours"], wanted(most=27))


def test_a_narrower_path_that_would_no_longer_be_reached_is_not_shadowed() -> None:
    xml = config([behaviour("*.json"), behaviour("/api/scores/export")])
    with pytest.raises(PatchRefusedError, match="/api/scores/export would no longer be reached"):
        plan_patch(xml, wanted())


def test_an_origin_that_others_use_is_not_pulled_from_under_them() -> None:
    used = config([behaviour("/their/*", origin="htmlgame-scores")])
    patched = plan_removal(plan_patch(config(), wanted()).xml, wanted())
    assert patched.changes
    with pytest.raises(PatchRefusedError, match=r"/their/\* goes to origin htmlgame-scores"):
        plan_removal(used, wanted())


def with_another(lock: str = "the-lock") -> Desired:
    """Beside the scores another API, which can be switched off."""
    scores = wanted(lock)
    origin = Origin(id="htmlgame-telemetry", domain="t.example", path="/prod", lock=lock)
    paths = ("/api/telemetry/*", "/api/project*")
    added = [Behaviour(pattern=each, origin_id=origin.id, cache_policy="policy") for each in paths]
    return Desired([*scores.origins, origin], [*scores.behaviours, *added])


def without_the_other() -> Desired:
    scores = wanted()
    return Desired(scores.origins, scores.behaviours, retired=("htmlgame-telemetry",))


def test_a_capability_that_is_switched_off_leaves_the_rest_unchanged(shape: bytes) -> None:
    one = plan_patch(shape, wanted())
    both = plan_patch(one.xml, with_another())
    assert "add origin htmlgame-telemetry" in both.changes
    assert {"/api/telemetry/*", "/api/project*"} < set(patterns(both.xml))
    off = plan_patch(both.xml, without_the_other())
    assert canonical(off.xml) == canonical(one.xml)
    assert plan_patch(off.xml, without_the_other()).changes == ()
    assert plan_removal(both.xml, with_another()).xml != both.xml


def test_an_origin_that_the_whole_site_uses_is_not_switched_off() -> None:
    both = plan_patch(config(), with_another()).xml.replace(
        b"<DefaultCacheBehavior><TargetOriginId>site",
        b"<DefaultCacheBehavior><TargetOriginId>htmlgame-telemetry",
    )
    with pytest.raises(PatchRefusedError, match="the default behaviour goes to origin htmlgame-t"):
        plan_patch(both, without_the_other())


def test_removing_from_a_config_without_us_changes_nothing(shape: bytes) -> None:
    assert plan_removal(shape, wanted()).changes == ()


def test_a_backup_holds_everything_but_the_lock() -> None:
    patched = plan_patch(SHAPES["an existing /api/*"], wanted()).xml
    kept = masked(patched)
    assert b"the-lock" not in kept
    assert canonical(kept).replace("(the origin lock)", "the-lock") == canonical(patched)
