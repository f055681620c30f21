"""Puts our origins and behaviours into the distribution, or takes them out again."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Final

import boto3
from aws_lambda_powertools import Logger

from lambdas.edge.access_logs import CLOUDFRONT_REGION, Deliveries
from lambdas.edge.access_logs import read as read_logs
from lambdas.edge.apis import desired, read, removable
from lambdas.edge.distribution import Distribution, Reading
from lambdas.edge.patch_plan import (
    Desired,
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

_BETWEEN_LOOKS_S: Final = 15


class Patcher:
    def __init__(
        self, settings: PatchSettings, logger: Logger, wait: Callable[[float], None] = time.sleep
    ) -> None:
        self._settings = settings
        self._logger = logger
        self._wait = wait
        self._cloudfront = boto3.client("cloudfront", config=PATIENT)

    def apply(self, gone: Sequence[str] = ()) -> Plan:
        """`gone` are ids of origins that an earlier deploy put in and that no API has any more."""
        wanted = self._desired(gone)
        self._refuse_unpublished(wanted)
        distribution_id = self._settings.distribution_id
        planned = self._change(distribution_id, lambda xml: plan_patch(xml, wanted))
        logs = self._logs_of(distribution_id).apply()
        return replace(planned, changes=(*planned.changes, *logs))

    def remove(self, distribution_id: str) -> Plan | None:
        """None if the distribution does not exist any more."""
        ours = removable(read(self._settings.apis))
        self._logs_of(distribution_id).remove()
        try:
            return self._change(distribution_id, lambda xml: plan_removal(xml, ours))
        except self._cloudfront.exceptions.NoSuchDistribution:
            return None

    def is_everywhere(self, distribution_id: str, has_time: Callable[[], bool]) -> bool:
        """Waits until every edge location has the last change. False if the time runs out first."""
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

    def _logs_of(self, distribution_id: str) -> Deliveries:
        known, _, _ = self._settings.distribution_arn.rpartition("/")
        # CloudFront's logs are set up in this region, wherever the stack is.
        logs = boto3.client("logs", region_name=CLOUDFRONT_REGION, config=PATIENT)
        wanted = read_logs(self._settings.access_logs)
        return Deliveries(logs, f"{known}/{distribution_id}", wanted)

    def _desired(self, gone: Sequence[str]) -> Desired:
        apis, lock = read(self._settings.apis), self._settings.origin_lock_parameter
        found = read_parameters(*(each.endpoint for each in apis if each.on), lock)
        return desired(apis, found, accepted_values(found[lock])[0], gone)

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
