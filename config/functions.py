"""The old path of functions, which manifests list. Delete it once no room imports it."""

from typing import Final

from config.capabilities import analytics, creators, data, edge, erasure, scores, secrets, telemetry
from config.manifest import Function as Function
from config.manifests import FUNCTIONS as FUNCTIONS

PUT_SCORE: Final = scores.PUT_SCORE
GET_RANKING: Final = scores.GET_RANKING
TRIM_TOP: Final = scores.TRIM_TOP
ORIGIN_LOCK_KEEPER: Final = edge.ORIGIN_LOCK_KEEPER
TELEMETRY_INGEST: Final = telemetry.INGEST
TELEMETRY_DATA: Final = data.API
TELEMETRY_ANALYTICS: Final = analytics.API
TELEMETRY_PROJECTS: Final = creators.API
TELEMETRY_SECRETS: Final = secrets.API
TELEMETRY_ERASE: Final = erasure.ERASE
