"""Reading one SSM parameter, decrypted."""

import boto3

from lambdas.shared.aws import CONFIG


def read_parameter(name: str) -> str:
    # Made at the first use: a client costs a tenth of a cold start.
    client = boto3.client("ssm", config=CONFIG)
    answer = client.get_parameter(Name=name, WithDecryption=True)
    return str(answer["Parameter"]["Value"])
