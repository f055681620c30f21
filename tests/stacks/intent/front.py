"""FrontStack: a private bucket behind a distribution, for those who have no site yet."""

from collections.abc import Iterator
from typing import Final

from tests.stacks.intent.environments import Environment
from tests.stacks.intent.rows import Bucket, Json, Row, allow, published
from tests.stacks.policies import ACCOUNT

STACK: Final = "FrontStack"
ORIGIN: Final = "FrontStackDistributionOrigin130235470"
ACCESS: Final = "DistributionOrigin1S3OriginAccessControl"
_OPTIMIZED: Final = "658327ea-f89d-4fab-a63d-7e88639e58f6"
"""CloudFront's own CachingOptimized: no header, cookie or query string is in the key."""
_SECURITY_HEADERS: Final = "67f7725c-6f97-4210-82d7-5512b31e9d03"
"""CloudFront's own SecurityHeadersPolicy."""
_KEPT_OTHERWISE: Final = (404, 405, 414, 500, 501, 502, 503, 504)
"""CloudFront caches these for ten seconds by default."""


def rows(environment: Environment) -> Iterator[Row]:
    of_this_site = f"if StringEquals AWS:SourceArn=arn:aws:cloudfront::{ACCOUNT}:distribution"
    [reading] = allow("s3:GetObject", "{Site.Arn}/*")
    reader = f"allow cloudfront.amazonaws.com {reading} {of_this_site}/{{Distribution}}"
    yield from Bucket(id="Site", readers=[reader]).rows(STACK, environment)
    address = environment.domain or "{Distribution.DomainName}"
    yield from published(
        {
            "/htmlgame/front-stack/cf-dist-id": "{Distribution}",
            "/htmlgame/front-stack/s3-bucket": "{Site}",
            "/htmlgame/front-stack/address": f"https://{address}",
        }
    )
    access = {
        "OriginAccessControlOriginType": "s3",
        "SigningBehavior": "always",
        "SigningProtocol": "sigv4",
    }
    row = {"OriginAccessControlConfig": access}
    yield "AWS::CloudFront::OriginAccessControl", f"{STACK} {ACCESS}", row
    distribution = {"DistributionConfig": _distribution(environment)}
    yield "AWS::CloudFront::Distribution", f"{STACK} Distribution", distribution


def _distribution(environment: Environment) -> Json:
    return {
        "Enabled": True,
        "Comment": "htmlgame site",
        "DefaultRootObject": "index.html",
        "HttpVersion": "http2and3",
        "IPV6Enabled": True,
        "Origins": [
            {
                "Id": ORIGIN,
                "DomainName": "{Site.RegionalDomainName}",
                "OriginAccessControlId": f"{{{ACCESS}.Id}}",
                "S3OriginConfig": {"OriginAccessIdentity": ""},
            }
        ],
        "DefaultCacheBehavior": {
            "TargetOriginId": ORIGIN,
            "ViewerProtocolPolicy": "redirect-to-https",
            "CachePolicyId": _OPTIMIZED,
            "ResponseHeadersPolicyId": _SECURITY_HEADERS,
            "Compress": True,
        },
        "CustomErrorResponses": [
            {"ErrorCode": code, "ErrorCachingMinTTL": 0} for code in _KEPT_OTHERWISE
        ],
        **(_named(environment.domain) if environment.domain else {}),
    }


def _named(domain: str) -> Json:
    """Without a domain the certificate is CloudFront's, whose TLS policy nobody can choose."""
    return {
        "Aliases": [domain],
        "ViewerCertificate": {
            "AcmCertificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/"
            "12345678-1234-1234-1234-123456789012",
            "MinimumProtocolVersion": "TLSv1.2_2021",
            "SslSupportMethod": "sni-only",
        },
    }
