"""make rotate-keys: new token keys and a new origin lock; plays in flight are honoured."""

import json
import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from config import names


def main() -> None:
    try:
        answer = boto3.client("lambda").invoke(FunctionName=names.ROTATE_KEYS, Payload=b"{}")
    except (BotoCoreError, ClientError) as error:
        sys.exit(f"not rotated: {error}")
    content = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        sys.exit(f"not rotated: {content['errorMessage']}")
    print("rotated; the previous key and lock are honoured until the next rotation")


if __name__ == "__main__":
    main()
