"""The paths of the documentation pages that operations write or refer to."""

from typing import Final

CLI: Final = "docs/reference/cli.md"
COSTS: Final = "docs/reference/costs.md"
PROVEN: Final = "docs/operate/proven.md"
RUNBOOK: Final = "docs/operate/runbook.md"
TROUBLESHOOTING: Final = "docs/operate/troubleshooting.md"
DEPLOY: Final = "docs/start/deploy.md"
CREATORS: Final = "docs/guides/creators.md"
YOUR_OWN_SITE: Final = "docs/guides/your-own-site.md"
EDGE: Final = "docs/explanation/edge.md"
