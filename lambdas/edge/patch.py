"""Puts our origins and behaviours into the distribution, or takes them out again."""

from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

import boto3
from aws_lambda_powertools import Logger

from lambdas.edge.distribution import Distribution, Reading
from lambdas.edge.patch_plan import (
    Behaviour,
    Desired,
    Origin,
    PatchRefusedError,
    Plan,
    masked,
    plan_patch,
    plan_removal,
)
from lambdas.edge.settings import PatchSettings
from lambdas.shared.aws import PATIENT
from lambdas.shared.origin_lock import accepted_values
from lambdas.shared.parameters import read_parameter

SCORES: Final = "htmlgame-scores"
# CloudFront's own policies, the same in every account.
CACHING_DISABLED: Final = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST: Final = "b689b0a8-53d0-40ab-baf2-68738e2966ac"


def desired(settings: PatchSettings, endpoint: str, lock: str) -> Desired:
    base = settings.api_base_path
    return Desired(
        origins=[scores_origin(endpoint, lock)],
        behaviours=[
            Behaviour(
                pattern=f"{base}/get-start",
                origin_id=SCORES,
                cache_policy=CACHING_DISABLED,
                function=settings.get_start,
            ),
            Behaviour(
                pattern=f"{base}/get-end",
                origin_id=SCORES,
                cache_policy=CACHING_DISABLED,
                function=settings.get_end,
            ),
            Behaviour(
                pattern=f"{base}/scores/*",
                origin_id=SCORES,
                writes=True,
                cache_policy=CACHING_DISABLED,
                origin_request_policy=ALL_VIEWER_EXCEPT_HOST,
                function=settings.validate,
            ),
            Behaviour(
                pattern=f"{base}/ranking/*",
                origin_id=SCORES,
                cache_policy=settings.ranking_cache_policy,
            ),
        ],
    )


def scores_origin(endpoint: str, lock: str) -> Origin:
    """From the published address, whose scheme and port are not always those of AWS."""
    address = urlsplit(endpoint)
    secure = address.scheme == "https"
    return Origin(
        id=SCORES,
        domain=address.hostname or "",
        path=address.path,
        lock=lock,
        http_port=80 if secure else address.port or 80,
        https_port=(address.port or 443) if secure else 443,
        protocol="https-only" if secure else "http-only",
    )


class Patcher:
    def __init__(self, settings: PatchSettings, logger: Logger) -> None:
        self._settings = settings
        self._logger = logger
        self._cloudfront = boto3.client("cloudfront", config=PATIENT)
        self._distribution = Distribution(self._cloudfront, settings.distribution_id)

    def apply(self) -> Plan:
        wanted = self._desired()
        self._refuse_unpublished(wanted)
        return self._change(lambda xml: plan_patch(xml, wanted))

    def remove(self) -> Plan | None:
        """None where the distribution itself is gone already."""
        wanted = desired(self._settings, "https://gone.invalid", "gone")
        try:
            return self._change(lambda xml: plan_removal(xml, wanted))
        except self._cloudfront.exceptions.NoSuchDistribution:
            return None

    def _change(self, plan: Any) -> Plan:
        changed = self._distribution.change(plan, self._back_up)
        self._logger.info("distribution", changes=list(changed.changes))
        return changed

    def _desired(self) -> Desired:
        endpoint = read_parameter(self._settings.scores_endpoint_parameter)
        lock = accepted_values(read_parameter(self._settings.origin_lock_parameter))[0]
        return desired(self._settings, endpoint, lock)

    def _refuse_unpublished(self, wanted: Desired) -> None:
        for behaviour in wanted.behaviours:
            if behaviour.function is None:
                continue
            name = behaviour.function.rpartition("/")[2]
            try:
                self._cloudfront.describe_function(Name=name, Stage="LIVE")
            except self._cloudfront.exceptions.NoSuchFunctionExists:
                raise PatchRefusedError(
                    f"the function {name} is not published, and CloudFront takes only published "
                    "ones: deploy the stack again, which publishes it"
                ) from None

    def _back_up(self, reading: Reading) -> None:
        moment = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S.%fZ")
        boto3.client("s3", config=PATIENT).put_object(
            Bucket=self._settings.backup_bucket,
            Key=f"{self._settings.distribution_id}/{moment}-{reading.etag}.xml",
            Body=masked(reading.xml),
            ContentType="application/xml",
        )
