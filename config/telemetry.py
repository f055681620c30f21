"""The old path of these settings. Delete it once no room imports it."""

from config.capabilities.telemetry import Telemetry as Telemetry
