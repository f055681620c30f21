"""AWS clients as every function wants them."""

from botocore.config import Config

CONFIG = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "max_attempts": 3},
)
