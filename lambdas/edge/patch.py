"""Puts our origins and behaviours into the distribution, or takes them out again."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Final
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
from lambdas.shared.http.origin_lock import accepted_values
from lambdas.shared.keys.parameters import read_parameters

SCORES: Final = "htmlgame-scores"
TELEMETRY: Final = "htmlgame-telemetry"
TELEMETRY_PATHS: Final = ("telemetry/*", "data/*", "creator*", "project*", "analytics/*")
_BETWEEN_LOOKS_S: Final = 15
# CloudFront's own policies, the same in every account.
CACHING_DISABLED: Final = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST: Final = "b689b0a8-53d0-40ab-baf2-68738e2966ac"


def desired(settings: PatchSettings, *, scores: str, telemetry: str | None, lock: str) -> Desired:
    """What the distribution carries for these endpoints."""
    origins = [api_origin(SCORES, scores, lock)]
    behaviours = _of_scores(settings)
    if telemetry is None:
        return Desired(origins, behaviours, retired=(TELEMETRY,))
    origins.append(api_origin(TELEMETRY, telemetry, lock))
    behaviours += [
        Behaviour(
            pattern=f"{settings.api_base_path}/{path}",
            origin_id=TELEMETRY,
            writes=True,
            cache_policy=CACHING_DISABLED,
            origin_request_policy=ALL_VIEWER_EXCEPT_HOST,
        )
        for path in TELEMETRY_PATHS
    ]
    return Desired(origins, behaviours)


def _of_scores(settings: PatchSettings) -> list[Behaviour]:
    base = settings.api_base_path
    return [
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
    ]


def api_origin(id: str, endpoint: str, lock: str) -> Origin:
    """From the published address, whose scheme and port are not always those of AWS."""
    address = urlsplit(endpoint)
    secure = address.scheme == "https"
    return Origin(
        id=id,
        domain=address.hostname or "",
        path=address.path,
        lock=lock,
        http_port=80 if secure else address.port or 80,
        https_port=(address.port or 443) if secure else 443,
        protocol="https-only" if secure else "http-only",
    )


class Patcher:
    def __init__(
        self, settings: PatchSettings, logger: Logger, wait: Callable[[float], None] = time.sleep
    ) -> None:
        self._settings = settings
        self._logger = logger
        self._wait = wait
        self._cloudfront = boto3.client("cloudfront", config=PATIENT)

    def apply(self) -> Plan:
        wanted = self._desired()
        self._refuse_unpublished(wanted)
        return self._change(self._settings.distribution_id, lambda xml: plan_patch(xml, wanted))

    def remove(self, distribution_id: str) -> Plan | None:
        """None where the distribution itself is gone already."""
        gone = "https://gone.invalid"
        wanted = desired(self._settings, scores=gone, telemetry=gone, lock="gone")
        try:
            return self._change(distribution_id, lambda xml: plan_removal(xml, wanted))
        except self._cloudfront.exceptions.NoSuchDistribution:
            return None

    def is_everywhere(self, distribution_id: str, has_time: Callable[[], bool]) -> bool:
        """Waits until every edge location has the last change; False where time ran out first."""
        distribution = Distribution(self._cloudfront, distribution_id)
        try:
            while not distribution.is_deployed():
                if not has_time():
                    return False
                self._wait(_BETWEEN_LOOKS_S)
        except self._cloudfront.exceptions.NoSuchDistribution:
            return True
        return True

    def _change(self, distribution_id: str, plan: Callable[[bytes], Plan]) -> Plan:
        back_up = partial(self._back_up, distribution_id)
        changed = Distribution(self._cloudfront, distribution_id).change(plan, back_up)
        self._logger.info("distribution", id=distribution_id, changes=list(changed.changes))
        return changed

    def _desired(self) -> Desired:
        settings = self._settings
        wanted = (
            settings.scores_endpoint_parameter,
            settings.telemetry_endpoint_parameter,
            settings.origin_lock_parameter,
        )
        found = read_parameters(*filter(None, wanted))
        return desired(
            settings,
            scores=found[settings.scores_endpoint_parameter],
            telemetry=found.get(settings.telemetry_endpoint_parameter),
            lock=accepted_values(found[settings.origin_lock_parameter])[0],
        )

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

    def _back_up(self, distribution_id: str, reading: Reading) -> None:
        moment = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S.%fZ")
        boto3.client("s3", config=PATIENT).put_object(
            Bucket=self._settings.backup_bucket,
            Key=f"{distribution_id}/{moment}-{reading.etag}.xml",
            Body=masked(reading.xml),
            ContentType="application/xml",
        )
