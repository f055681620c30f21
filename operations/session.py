"""The account and region that every AWS program of this shell would go to."""

import os

import boto3


def aws_session() -> boto3.Session:
    """In AWS_REGION, which the CDK reads first and boto3 alone does not read."""
    return boto3.Session(region_name=os.environ.get("AWS_REGION") or None)
