"""A package as an asset. Its hash is the hash of the package's inputs."""

from aws_cdk import aws_lambda as lambda_

from stacks.shared.packaging import Package


def code_of(package: Package) -> lambda_.Code:
    return lambda_.Code.from_asset(str(package.path), asset_hash=package.digest)
