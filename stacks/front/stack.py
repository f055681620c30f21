"""FrontStack: a site for those who have none, with a private bucket behind a distribution."""

from aws_cdk import CfnOutput, Duration
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from config import names
from config.domain import Domain
from config.environments import Environment
from stacks.shared.acknowledge import acknowledge
from stacks.shared.bucket import PrivateBucket
from stacks.shared.stack import ProjectStack, outlives_its_stack


class FrontStack(ProjectStack):
    def __init__(self, scope: Construct, *, environment: Environment) -> None:
        super().__init__(
            scope,
            names.FRONT_STACK,
            description="A site for those who have none yet.",
            environment=environment,
        )
        bucket = self._bucket(environment)
        distribution = self._distribution(bucket, environment.domain)
        ssm.StringParameter(
            self,
            "DistributionId",
            parameter_name=names.DISTRIBUTION_ID,
            string_value=distribution.distribution_id,
        )
        ssm.StringParameter(
            self,
            "SiteBucket",
            parameter_name=names.SITE_BUCKET,
            string_value=bucket.bucket_name,
        )
        named = environment.domain.names if environment.domain is not None else ()
        address = next(iter(named), distribution.distribution_domain_name)
        ssm.StringParameter(
            self,
            "SiteAddress",
            parameter_name=names.SITE_ADDRESS,
            string_value=f"https://{address}",
        )
        CfnOutput(self, "Address", value=f"https://{address}")

    def _bucket(self, environment: Environment) -> PrivateBucket:
        return PrivateBucket(
            self,
            "Site",
            environment=environment,
            removal_policy=outlives_its_stack(environment),
            no_access_log="Only CloudFront reads it; a log of that would cost more than the site.",
        )

    def _distribution(self, bucket: s3.Bucket, domain: Domain | None) -> cloudfront.Distribution:
        distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment="htmlgame site",
            default_root_object="index.html",
            default_behavior=cloudfront.BehaviorOptions(
                origin=origins.S3BucketOrigin.with_origin_access_control(bucket),
                viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
                response_headers_policy=cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS,
                compress=True,
            ),
            error_responses=[
                cloudfront.ErrorResponse(http_status=status, ttl=Duration.seconds(0))
                for status in _KEPT_TEN_SECONDS_OTHERWISE
            ],
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
            domain_names=None if domain is None else list(domain.names),
            certificate=None if domain is None else self._certificate(domain),
        )
        acknowledge(distribution, _ACCEPTED_OF_DISTRIBUTION)
        return distribution

    def _certificate(self, domain: Domain) -> acm.ICertificate:
        return acm.Certificate.from_certificate_arn(self, "Certificate", domain.certificate)


_KEPT_TEN_SECONDS_OTHERWISE = (404, 405, 414, 500, 501, 502, 503, 504)
"""CloudFront keeps these answers for ten seconds by default, even with caching off and no-store:
after a request that came too early, nobody would see the new object."""

_ACCEPTED_OF_DISTRIBUTION = {
    "AwsSolutions-CFR1": "Games are for the whole world.",
    "AwsSolutions-CFR2": "WAF has a fixed monthly price; the edge functions refuse what is bad.",
    "AwsSolutions-CFR3": "Access logs are billed by the request; a site that wants them adds them.",
    "AwsSolutions-CFR4": "Without a domain of its own the site uses CloudFront's certificate, "
    "whose policy cannot be chosen.",
}
