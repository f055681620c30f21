"""The agent and the gateway: one program without dependencies, for Python 3.9 and newer."""

VERSION = "1.0"
