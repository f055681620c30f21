"""The capabilities. Each has a manifest, config/capabilities/<name>.py; config/manifests.py
loads them."""

from typing import TYPE_CHECKING, Any, Final

NAMES: Final = (
    "scores",
    "edge",
    "telemetry",
    "data",
    "creators",
    "secrets",
    "analytics",
    "erasure",
    "archive",
)
"""Every capability, in the order in which pages and commands list them."""

if TYPE_CHECKING:
    from config.manifests import CAPABILITIES as CAPABILITIES
    from config.manifests import FUNCTIONS as FUNCTIONS
    from config.manifests import enabled as enabled
    from config.manifests import erasables as erasables
    from config.manifests import eraser as eraser
    from config.manifests import host_of as host_of
    from config.manifests import hosted_by as hosted_by
    from config.manifests import is_enabled as is_enabled
    from config.manifests import named as named
    from config.manifests import patterns_of as patterns_of
    from config.manifests import settings_classes as settings_classes
    from config.manifests import stacks as stacks
else:

    def __getattr__(name: str) -> Any:
        """The old path of config.manifests. Delete it once no room uses it."""
        if name.startswith("__"):
            raise AttributeError(name)
        from config import manifests

        return getattr(manifests, {"deployed": "enabled"}.get(name, name))
