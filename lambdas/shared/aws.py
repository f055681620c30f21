"""How clients of AWS retry and time out."""

from botocore.config import Config

CONFIG = Config(
    # A player waits: all tries together must end within the function's ten seconds.
    connect_timeout=1,
    read_timeout=2,
    retries={"mode": "standard", "total_max_attempts": 2},
)

ONCE = Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 1})
"""For calls that may fail without harm."""

PATIENT = Config(
    connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 3}
)
"""For calls that nobody waits for."""
