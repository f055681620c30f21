"""A package as an asset whose hash is that of what went into it."""

from aws_cdk import aws_lambda as lambda_

from stacks.shared.packaging import Package


def code_of(package: Package) -> lambda_.Code:
    return lambda_.Code.from_asset(str(package.path), asset_hash=package.digest)
