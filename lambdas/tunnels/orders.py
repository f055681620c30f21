"""Has the function that orders certificates run now, ahead of its rule."""

import boto3

from lambdas.shared.aws import ONCE


def order_now(function: str) -> None:
    boto3.client("lambda", config=ONCE).invoke(
        FunctionName=function, InvocationType="Event", Payload=b"{}"
    )
