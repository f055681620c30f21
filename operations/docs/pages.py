"""The paths of the documentation pages that operations write or refer to."""

from typing import Final

COSTS: Final = "docs/costs.md"
PROVEN: Final = "docs/proven.md"
REFERENCE: Final = "docs/cli.md"
RUNBOOK: Final = "docs/runbook.md"
DEPLOY: Final = "docs/deploy.md"
CREATORS: Final = "docs/creators.md"
EDGE: Final = "docs/edge.md"
SELF_HOST: Final = "docs/self-host.md"
IMAGES: Final = "docs/images"
