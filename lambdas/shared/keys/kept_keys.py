"""Custom resource: makes a capability's keys with the first deploy, deletes them with the last."""

import secrets
import time
from typing import TYPE_CHECKING, Any

from lambdas.shared.keys.key_ring import rotated
from lambdas.shared.keys.parameters import read_parameter
from lambdas.shared.keys.signing_keys import made_at, new_key

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

    from lambdas.shared.keys.secret_parameters import SecretParameters


class KeptKeys:
    """Keys that sign and rotate, and one secret that never changes, each in an SSM parameter."""

    def __init__(
        self,
        parameters: "SecretParameters",
        logger: "Logger",
        *,
        signing: str,
        lasting: str,
        keep_lasting: bool,
    ) -> None:
        """The lasting secret is kept where the tables outlive the stack."""
        self._parameters = parameters
        self._logger = logger
        self._signing = signing
        self._lasting = lasting
        self._keep_lasting = keep_lasting

    def handle(self, event: dict[str, Any]) -> dict[str, Any]:
        """An event without a RequestType rotates the keys that sign."""
        if "RequestType" not in event:
            return self._rotate()
        if event["RequestType"] == "Delete":
            self._parameters.delete(self._signing)
            if not self._keep_lasting:
                self._parameters.delete(self._lasting)
        else:
            self._parameters.create(self._signing, new_key(int(time.time())))
            self._parameters.create(self._lasting, secrets.token_urlsafe(32))
        return {"PhysicalResourceId": self._signing}

    def _rotate(self) -> dict[str, Any]:
        keys = rotated(read_parameter(self._signing), int(time.time()))
        self._parameters.replace(self._signing, keys)
        made = made_at(keys)
        self._logger.info("rotated", made_at=made)
        return {"madeAt": made}
