"""The files of Insights' bucket: logs to count, rows, and what could not be read."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


class LogFiles:
    def __init__(
        self, client: "S3Client", bucket: str, *, rows_prefix: str, unreadable_prefix: str
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._rows = rows_prefix
        self._unreadable = unreadable_prefix

    def waiting(self, prefix: str, before: datetime) -> Iterator[str]:
        """The keys of files that were written before this moment."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=f"{prefix}/"
        )
        for page in pages:
            for each in page.get("Contents", ()):
                if each["LastModified"] < before:
                    yield each["Key"]

    def read(self, key: str) -> bytes | None:
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=key)
        except self._client.exceptions.NoSuchKey:
            return None
        return answer["Body"].read()

    def write_rows(self, day: str, name: str, content: bytes) -> None:
        self._client.put_object(
            Bucket=self._bucket,
            Key=f"{self._rows}/day={day}/{name}.json.gz",
            Body=content,
            ContentType="application/x-ndjson",
            ContentEncoding="gzip",
        )

    def set_aside(self, key: str, content: bytes) -> None:
        self._client.put_object(Bucket=self._bucket, Key=f"{self._unreadable}/{key}", Body=content)

    def delete(self, key: str) -> None:
        self._client.delete_object(Bucket=self._bucket, Key=key)
