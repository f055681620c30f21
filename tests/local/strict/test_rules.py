"""The local cloud refuses what AWS refuses, with AWS's codes."""

from __future__ import annotations

import json
import re
import time
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
import pytest
import urllib3
from cryptography.hazmat.primitives.asymmetric import ec

from config.settings import LOCAL_ISSUER
from lambdas.edge.cloudfront_fields import NAMESPACE, REQUIRED
from local.bootstrap import ROOT
from local.cloud import STRICT, Cloud, running_cloud
from local.edge.control import key_value_store_client
from local.strict import rules, sockets
from local.strict.registry import RULES
from tests.local.strict.conftest import Distribution, behaviour, counted, distribution, refused


def test_every_rule_is_listed_in_the_docs_with_its_source() -> None:
    page = " ".join((ROOT / "docs/reference/local.md").read_text().split())
    assert rules
    for rule in RULES:
        if rule.source != "tests":
            assert f"| {rule.what} | [source]({rule.source}) |" in page
    for what in sockets.LISTED:
        assert f"| {what} | [source]({sockets.SOURCE}) |" in page


def test_a_distribution_is_returned_with_every_default_field(
    site: Distribution,
) -> None:
    config = site.read()
    assert config["HttpVersion"] == "http2"
    assert config["Logging"] == {
        "Enabled": False,
        "IncludeCookies": False,
        "Bucket": "",
        "Prefix": "",
    }
    assert config["DefaultCacheBehavior"]["FieldLevelEncryptionId"] == ""
    [origin] = config["Origins"]["Items"]
    assert origin["CustomOriginConfig"]["OriginReadTimeout"] == 30
    assert origin["CustomOriginConfig"]["OriginKeepaliveTimeout"] == 5
    site.update(Comment="an update of what was read is taken")
    assert site.read()["Comment"] == "an update of what was read is taken"


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


_REQUIRED_OF_A_BEHAVIOUR = [each.name for each in REQUIRED["CacheBehavior"] if each.on_update]
_REQUIRED_OF_AN_ORIGIN = [each.name for each in REQUIRED["Origin"] if each.on_update]
_REQUIRED_OF_A_SERVER = [each.name for each in REQUIRED["CustomOriginConfig"] if each.on_update]
_REQUIRED_OF_ALL = [each.name for each in REQUIRED["DistributionConfig"] if each.on_update]


@pytest.mark.parametrize(
    ("element", "field"),
    [
        *(("CacheBehavior", field) for field in _REQUIRED_OF_A_BEHAVIOUR),
        *(("Origin", field) for field in _REQUIRED_OF_AN_ORIGIN),
        *(("CustomOriginConfig", field) for field in _REQUIRED_OF_A_SERVER),
        *(("DistributionConfig", field) for field in _REQUIRED_OF_ALL),
    ],
)
def test_an_update_without_a_required_field_is_refused(
    site: Distribution, element: str, field: str
) -> None:
    site.update(CacheBehaviors=counted(behaviour()))

    def remove(config: ET.Element) -> None:
        parent = next(config.iter(_tag(element)))
        for child in parent.findall(_tag(field)):
            parent.remove(child)

    with refused("InvalidArgument", " is required."):
        site.update_xml(remove)


def test_the_refusal_has_the_original_wording(site: Distribution) -> None:
    site.update(CacheBehaviors=counted(behaviour()))

    def remove(config: ET.Element) -> None:
        parent = next(config.iter(_tag("CacheBehavior")))
        parent.remove(parent.find(_tag("FieldLevelEncryptionId")))  # type: ignore[arg-type]

    with refused("InvalidArgument", "The parameter Field level encryption id is required."):
        site.update_xml(remove)


@pytest.mark.parametrize("field", ["Origins", "DefaultCacheBehavior", "Comment", "Enabled"])
def test_a_distribution_without_what_create_requires_is_refused(strict: Cloud, field: str) -> None:
    client = strict.client("cloudfront")

    def remove(params: Any, **_: Any) -> None:
        config = ET.fromstring(params["body"])
        config.remove(config.find(_tag(field)))  # type: ignore[arg-type]
        params["body"] = ET.tostring(config)

    client.meta.events.register("before-call.cloudfront.CreateDistribution", remove)
    with refused("InvalidArgument", " is required."):
        client.create_distribution(DistributionConfig=distribution())


def test_a_quantity_that_does_not_count_its_items_is_refused(site: Distribution) -> None:
    with refused("InconsistentQuantities"):
        site.update(CacheBehaviors={"Quantity": 2, "Items": [behaviour()]})


def test_a_behaviour_of_no_origin_is_refused(site: Distribution) -> None:
    with refused("NoSuchOrigin"):
        site.update(CacheBehaviors=counted(behaviour(TargetOriginId="nowhere")))


def test_the_76th_behaviour_is_refused(site: Distribution) -> None:
    many = [behaviour(f"/{number}/*") for number in range(76)]
    site.update(CacheBehaviors=counted(*many[:75]))
    with refused("TooManyCacheBehaviors"):
        site.update(CacheBehaviors=counted(*many))


def test_a_cache_policy_beside_forwarded_values_is_refused(site: Distribution) -> None:
    legacy = {
        "QueryString": False,
        "Cookies": {"Forward": "none"},
        "QueryStringCacheKeys": {"Quantity": 0},
    }
    with refused("InvalidArgument", "ForwardedValues cannot be used"):
        site.update(CacheBehaviors=counted(behaviour(ForwardedValues=legacy, MinTTL=0)))


@pytest.mark.parametrize("name", ["X-Edge-Auth", "x-amz-anything", "Host", "Via"])
def test_a_reserved_custom_header_is_refused(site: Distribution, name: str) -> None:
    origins = site.read()["Origins"]
    header = {"HeaderName": name, "HeaderValue": "x"}
    origins["Items"][0]["CustomHeaders"] = counted(header)
    with refused("InvalidArgument", name):
        site.update(Origins=origins)
    origins["Items"][0]["CustomHeaders"] = counted(header | {"HeaderName": "X-Origin-Verify"})
    site.update(Origins=origins)


class TestFunctionAssociations:
    def function(self, site: Distribution, *, publish: bool = True) -> str:
        name = f"f-{uuid4().hex[:12]}"
        created = site.client.create_function(
            Name=name,
            FunctionConfig={"Comment": "", "Runtime": "cloudfront-js-2.0"},
            FunctionCode=b"function handler(event) { return event.request; }",
        )
        if publish:
            site.client.publish_function(Name=name, IfMatch=created["ETag"])
        return str(created["FunctionSummary"]["FunctionMetadata"]["FunctionARN"])

    def associate(self, site: Distribution, *pairs: tuple[str, str], **more: Any) -> None:
        items = [{"FunctionARN": arn, "EventType": event} for arn, event in pairs]
        added = behaviour(FunctionAssociations=counted(*items), **more)
        site.update(CacheBehaviors=counted(added))

    def test_published_functions_on_both_viewer_events_are_taken(self, site: Distribution) -> None:
        arn = self.function(site)
        self.associate(site, (arn, "viewer-request"), (arn, "viewer-response"))

    def test_an_unpublished_or_unknown_function_is_refused(self, site: Distribution) -> None:
        unknown = "arn:aws:cloudfront::000000000000:function/nowhere"
        for arn in (self.function(site, publish=False), unknown):
            with refused("InvalidFunctionAssociation", "not published"):
                self.associate(site, (arn, "viewer-request"))

    def test_two_functions_on_one_event_are_refused(self, site: Distribution) -> None:
        arn = self.function(site)
        with refused("InvalidFunctionAssociation"):
            self.associate(site, (arn, "viewer-request"), (arn, "viewer-request"))

    def test_an_origin_event_is_refused(self, site: Distribution) -> None:
        with refused("InvalidFunctionAssociation", "viewer events only"):
            self.associate(site, (self.function(site), "origin-request"))

    @pytest.mark.parametrize("event", ["viewer-request", "viewer-response"])
    def test_lambda_at_edge_on_a_viewer_event_beside_it_is_refused(
        self, site: Distribution, event: str
    ) -> None:
        edge = {
            "LambdaFunctionARN": "arn:aws:lambda:us-east-1:000000000000:function:other:1",
            "EventType": event,
        }
        with refused("InvalidFunctionAssociation", "Lambda@Edge"):
            self.associate(
                site,
                (self.function(site), "viewer-request"),
                LambdaFunctionAssociations=counted(edge),
            )


def test_another_caller_reference_is_refused(site: Distribution) -> None:
    with refused("IllegalUpdate"):
        site.update(CallerReference="another")


def test_a_function_over_10_kb_is_refused_comments_included(strict: Cloud) -> None:
    client = strict.client("cloudfront")
    code = b"function handler(event) { return event.request; }\n//"
    asked = {
        "Name": f"f-{uuid4().hex[:12]}",
        "FunctionConfig": {"Comment": "", "Runtime": "cloudfront-js-2.0"},
    }
    with refused("FunctionSizeLimitExceeded"):
        client.create_function(**asked, FunctionCode=code.ljust(10_241, b"x"))
    created = client.create_function(**asked, FunctionCode=code.ljust(10_240, b"x"))
    with refused("FunctionSizeLimitExceeded"):
        client.update_function(
            **asked, IfMatch=created["ETag"], FunctionCode=code.ljust(10_241, b"x")
        )


class TestInvalidations:
    def invalidate(self, site: Distribution, *paths: str) -> None:
        site.client.create_invalidation(
            DistributionId=site.id,
            InvalidationBatch={"CallerReference": str(uuid4()), "Paths": counted(*paths)},
        )

    def test_the_16th_wildcard_in_progress_is_refused(self, site: Distribution) -> None:
        for number in range(15):
            self.invalidate(site, f"/{number}/*")
        with refused("TooManyInvalidationsInProgress", "wildcard"):
            self.invalidate(site, "/15/*")
        self.invalidate(site, "/single/files/have/a/limit/of/their/own")

    def test_one_request_of_16_wildcards_is_refused_whole(self, site: Distribution) -> None:
        with refused("TooManyInvalidationsInProgress"):
            self.invalidate(site, *(f"/{number}/*" for number in range(16)))
        self.invalidate(site, "/one/*")

    def test_a_wildcard_that_is_not_the_last_character_is_refused(self, site: Distribution) -> None:
        with refused("InvalidArgument", "invalid invalidation paths"):
            self.invalidate(site, "/api/*/all")


class TestKeyValueStore:
    @pytest.fixture
    def store(self, strict: Cloud) -> Any:
        name = f"s-{uuid4().hex[:12]}"
        created = strict.client("cloudfront").create_key_value_store(Name=name)
        client = key_value_store_client(strict)
        arn = created["KeyValueStore"]["ARN"]

        def put(**values: str) -> None:
            etag = client.describe_key_value_store(KvsARN=arn)["ETag"]
            puts = [{"Key": key, "Value": value} for key, value in values.items()]
            client.update_keys(KvsARN=arn, IfMatch=etag, Puts=puts)

        yield put
        client.close()

    def test_keys_and_values_have_limits_in_bytes(self, store: Any) -> None:
        store(**{"k" * 512: "v" * 1024})
        with refused("ValidationException", "512 bytes"):
            store(**{"k" * 511 + "é": "v"})
        with refused("ValidationException", "1024 bytes"):
            store(k="v" * 1023 + "é")

    def test_an_update_of_51_keys_is_refused_whole(self, store: Any) -> None:
        store(**{f"k{number}": "v" for number in range(50)})
        with refused("ValidationException", "at most 50 keys"):
            store(**{f"k{number}": "w" for number in range(51)})

    def test_a_store_over_5_mb_is_refused(self, store: Any) -> None:
        for batch in range(101):
            store(**{f"k{batch}-{number}": "v" * 1024 for number in range(50)})
        with refused("ServiceQuotaExceededException"):
            store(**{f"k101-{number}": "v" * 1024 for number in range(50)})


class TestAuthorizers:
    def create(self, cloud: Cloud, issuer: str) -> None:
        gateway = cloud.client("apigatewayv2")
        api = gateway.create_api(Name=f"a-{uuid4().hex[:8]}", ProtocolType="HTTP")
        gateway.create_authorizer(
            ApiId=api["ApiId"],
            AuthorizerType="JWT",
            Name="creators",
            IdentitySource=["$request.header.Authorization"],
            JwtConfiguration={"Issuer": issuer, "Audience": ["authenticated"]},
        )

    def test_the_local_issuer_is_accepted(self, strict: Cloud) -> None:
        self.create(strict, LOCAL_ISSUER)

    @pytest.mark.parametrize(
        "issuer",
        ["http://issuer.example.org", "https://127.0.0.1:9/nothing/listens/here", "no address"],
    )
    def test_an_issuer_without_https_or_discovery_is_refused(
        self, strict: Cloud, issuer: str
    ) -> None:
        with refused("BadRequestException", "Issuer must have a valid discovery endpoint"):
            self.create(strict, issuer)

    def test_a_stack_that_names_such_an_issuer_fails(self, strict: Cloud) -> None:
        template = {
            "Resources": {
                "Api": {
                    "Type": "AWS::ApiGatewayV2::Api",
                    "Properties": {"Name": "api", "ProtocolType": "HTTP"},
                },
                "Creators": {
                    "Type": "AWS::ApiGatewayV2::Authorizer",
                    "Properties": {
                        "ApiId": {"Ref": "Api"},
                        "AuthorizerType": "JWT",
                        "Name": "creators",
                        "IdentitySource": ["$request.header.Authorization"],
                        "JwtConfiguration": {
                            "Issuer": "http://issuer.example.org",
                            "Audience": ["authenticated"],
                        },
                    },
                },
            }
        }
        reason = failed_stack(strict, template, "Creators")
        assert "Issuer must have a valid discovery endpoint" in reason

    def test_a_token_that_is_not_signed_with_rsa_opens_no_route(self, strict: Cloud) -> None:
        gateway = strict.client("apigatewayv2")
        api = gateway.create_api(Name=f"a-{uuid4().hex[:8]}", ProtocolType="HTTP")["ApiId"]
        authorizer = gateway.create_authorizer(
            ApiId=api,
            AuthorizerType="JWT",
            Name="creators",
            IdentitySource=["$request.header.Authorization"],
            JwtConfiguration={"Issuer": LOCAL_ISSUER, "Audience": ["authenticated"]},
        )["AuthorizerId"]
        gateway.create_route(
            ApiId=api, RouteKey="GET /", AuthorizationType="JWT", AuthorizerId=authorizer
        )
        gateway.create_stage(ApiId=api, StageName="prod", AutoDeploy=True)
        rsa = strict.issuer.token("ann@example.org")
        header, claims = jwt.get_unverified_header(rsa), jwt.decode(rsa, options=_UNVERIFIED)
        elliptic = jwt.encode(
            claims, ec.generate_private_key(ec.SECP256R1()), "ES256", {"kid": header["kid"]}
        )
        secret = jwt.encode(claims, "x" * 32, "HS256", {"kid": header["kid"]})

        def status(token: str) -> int:
            headers = {"Authorization": f"Bearer {token}"}
            url = f"{strict.url}/_aws/execute-api/{api}/prod/"
            return urllib3.request("GET", url, headers=headers, retries=False).status

        assert (status(elliptic), status(secret)) == (401, 401)
        assert status(rsa) != 401  # the authorizer lets it through to a route that has no target


class TestStages:
    """A throttle of a route that its API does not have."""

    MISSING = "Unable to find Route by key PUT /scores within the provided RouteSettings"

    @pytest.fixture
    def api(self, strict: Cloud) -> str:
        gateway = strict.client("apigatewayv2")
        api = gateway.create_api(Name=f"a-{uuid4().hex[:8]}", ProtocolType="HTTP")["ApiId"]
        gateway.create_route(ApiId=api, RouteKey="GET /ranking")
        return str(api)

    def throttled(self, *routes: str) -> Any:
        limits = {"ThrottlingRateLimit": 20.0, "ThrottlingBurstLimit": 40}
        return dict.fromkeys(routes, limits)

    def test_settings_of_routes_that_exist_are_accepted(self, strict: Cloud, api: str) -> None:
        gateway = strict.client("apigatewayv2")
        settings = self.throttled("GET /ranking")
        made = gateway.create_stage(ApiId=api, StageName="prod", RouteSettings=settings)
        assert made["RouteSettings"].keys() == settings.keys()

    def test_settings_of_another_route_are_refused(self, strict: Cloud, api: str) -> None:
        gateway = strict.client("apigatewayv2")
        settings = self.throttled("GET /ranking", "PUT /scores")
        with refused("NotFoundException", self.MISSING):
            gateway.create_stage(ApiId=api, StageName="prod", RouteSettings=settings)
        gateway.create_stage(ApiId=api, StageName="prod")
        with refused("NotFoundException", self.MISSING):
            gateway.update_stage(ApiId=api, StageName="prod", RouteSettings=settings)
        gateway.create_route(ApiId=api, RouteKey="PUT /scores")
        gateway.update_stage(ApiId=api, StageName="prod", RouteSettings=settings)

    @pytest.mark.parametrize("later", [False, True], ids=["no such route", "the route comes later"])
    def test_a_stack_with_such_settings_fails(self, strict: Cloud, later: bool) -> None:
        template: Any = {
            "Resources": {
                "Api": {
                    "Type": "AWS::ApiGatewayV2::Api",
                    "Properties": {"Name": "api", "ProtocolType": "HTTP"},
                },
                "Stage": {
                    "Type": "AWS::ApiGatewayV2::Stage",
                    "Properties": {
                        "ApiId": {"Ref": "Api"},
                        "StageName": "prod",
                        "RouteSettings": self.throttled("PUT /scores"),
                    },
                },
            }
        }
        if later:
            template["Resources"]["Route"] = {
                "Type": "AWS::ApiGatewayV2::Route",
                "DependsOn": "Stage",
                "Properties": {"ApiId": {"Ref": "Api"}, "RouteKey": "PUT /scores"},
            }
        assert self.MISSING in failed_stack(strict, template, "Stage")


_UNVERIFIED: Any = {"verify_signature": False}


def failed_stack(cloud: Cloud, template: Any, resource: str) -> str:
    """Why the resource made its stack fail."""
    client = cloud.client("cloudformation")
    name = f"s-{uuid4().hex[:8]}"
    client.create_stack(StackName=name, TemplateBody=json.dumps(template))
    until = time.monotonic() + 30
    while client.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"] != "ROLLBACK_COMPLETE":
        assert time.monotonic() < until, "the stack did not fail"
        time.sleep(0.1)
    events = client.describe_stack_events(StackName=name)["StackEvents"]
    return next(
        str(event["ResourceStatusReason"])
        for event in events
        if event["LogicalResourceId"] == resource and event["ResourceStatus"] == "CREATE_FAILED"
    )


def test_a_stack_with_a_function_over_10_kb_fails(strict: Cloud) -> None:
    template = {
        "Resources": {
            "Function": {
                "Type": "AWS::CloudFront::Function",
                "Properties": {
                    "Name": f"f-{uuid4().hex[:12]}",
                    "AutoPublish": True,
                    "FunctionConfig": {"Comment": "", "Runtime": "cloudfront-js-2.0"},
                    "FunctionCode": "//".ljust(10_241, "x"),
                },
            }
        }
    }
    assert "FunctionSizeLimitExceeded" in failed_stack(strict, template, "Function")


class TestTransactionConflicts:
    @pytest.fixture
    def table(self, strict: Cloud) -> str:
        name = f"t-{uuid4().hex[:8]}"
        strict.client("dynamodb").create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "PK", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}],
        )
        return name

    def test_the_next_transactions_on_the_table_conflict(self, strict: Cloud, table: str) -> None:
        client = strict.client("dynamodb")
        put = {"Put": {"TableName": table, "Item": {"PK": {"S": "a"}}}}
        strict.demand_conflicts(table, 1)
        with pytest.raises(client.exceptions.TransactionCanceledException) as caught:
            client.transact_write_items(TransactItems=[put])
        assert caught.value.response["CancellationReasons"] == [
            {"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}
        ]
        assert client.scan(TableName=table)["Count"] == 0
        client.transact_write_items(TransactItems=[put])
        assert client.scan(TableName=table)["Count"] == 1

    def test_a_single_write_meets_a_transaction(self, strict: Cloud, table: str) -> None:
        client = strict.client("dynamodb")
        strict.demand_conflicts(table, 1)
        with pytest.raises(client.exceptions.TransactionConflictException):
            client.put_item(TableName=table, Item={"PK": {"S": "a"}})
        client.put_item(TableName=table, Item={"PK": {"S": "a"}})

    def test_other_tables_are_left_alone(self, strict: Cloud, table: str) -> None:
        strict.demand_conflicts("another", 1)
        strict.client("dynamodb").put_item(TableName=table, Item={"PK": {"S": "a"}})
        strict.demand_conflicts("another", 0)


def test_a_standard_parameter_over_4096_characters_is_refused(strict: Cloud) -> None:
    client = strict.client("ssm")
    client.put_parameter(Name="/long", Type="String", Value="x" * 4096)
    with refused("ValidationException", "4096 characters"):
        client.put_parameter(Name="/longer", Type="String", Value="x" * 4097)


def test_a_further_rule_is_loaded_from_the_module_that_is_named(strict: Cloud) -> None:
    client = strict.client("ssm")
    with refused("ValidationException", "/forbidden is not allowed."):
        client.put_parameter(Name="/forbidden", Type="String", Value="x")
    client.put_parameter(Name="/allowed", Type="String", Value="x")


def test_a_caller_without_the_right_learns_nothing_from_a_rule(strict: Cloud) -> None:
    """AWS checks who asks before what is asked."""
    client = strict.client("ssm")
    client._request_signer._credentials.secret_key = "another"
    with refused("InvalidSignatureException"):
        client.put_parameter(Name="/forbidden", Type="String", Value="x")


def test_strictness_is_off_only_where_it_is_switched_off(tmp_path: Path) -> None:
    assert STRICT.on
    with running_cloud(tmp_path, strictness=replace(STRICT, on=False)) as lenient:
        site = Distribution(lenient)
        site.update(CacheBehaviors={"Quantity": 2, "Items": [behaviour()]})


def test_each_rule_names_a_page_of_aws() -> None:
    for rule in RULES:
        if rule.source != "tests":
            assert re.match(r"https://docs\.aws\.amazon\.com/", rule.source), rule.what
