"""Before anybody else touches the distribution: without the edge it is what it was."""

from config import names
from lambdas.edge.distribution import Distribution
from tests.e2e.conftest import System
from tests.lambdas.edge.test_patch_plan import canonical


def test_without_the_edge_stack_the_distribution_is_what_it_was(system: System) -> None:
    client = system.cloud.client("cloudfront")
    distribution = Distribution(client, system.parameter(names.DISTRIBUTION_ID))
    original = system.backups()[0]
    assert "htmlgame-scores" not in original
    assert b"htmlgame-scores" in distribution.read().xml
    system.deployment.destroy(names.EDGE_STACK)
    returned = distribution.read().xml
    system.deployment.bring_up_to_date()
    assert as_cloudfront_says_it(returned) == as_cloudfront_says_it(original.encode())
    assert b"htmlgame-scores" in distribution.read().xml


def as_cloudfront_says_it(xml: bytes) -> str:
    """It always tells how many behaviours there are; the emulator not where there are none."""
    return canonical(xml.replace(b"<CacheBehaviors><Quantity>0</Quantity></CacheBehaviors>", b""))
