"""AWS clients as every function wants them."""

from botocore.config import Config

CONFIG = Config(
    # A player waits: all tries together must end before the function's own ten seconds do.
    connect_timeout=1,
    read_timeout=2,
    retries={"mode": "standard", "total_max_attempts": 2},
)

ONCE = Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 1})
"""For what may as well fail."""

PATIENT = Config(
    connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 3}
)
"""For what nobody waits for."""
