"""The WebSocket API's address, for connections and for the functions that send to them.

API Gateway publishes wss addresses. The local stand-in publishes http.
"""


def for_connections(address: str) -> str:
    return "ws" + address.removeprefix("ws").removeprefix("http")


def for_functions(address: str) -> str:
    return "http" + address.removeprefix("ws").removeprefix("http")
