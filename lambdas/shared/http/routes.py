"""A capability's HTTP routes, written once and read by its handlers, its stack and its tests."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path."""

    method: str
    path: str


class Routes:
    """Routes by name. Their paths are below the prefix, and the prefix is below the API's base."""

    def __init__(self, prefix: str = "", **routes: str) -> None:
        """Each route is a method and a path, such as "GET /{id}"."""
        self.prefix = prefix
        self._routes = {name: Route(*route.split(" ")) for name, route in routes.items()}

    def keys(self, address: str, *names: str) -> dict[str, str]:
        """API Gateway's keys of the named routes, or of all, with the prefix at this address."""
        return {
            name: f"{route.method} {address}{route.path}"
            for name, route in self._routes.items()
            if not names or name in names
        }

    def below(self, base: str, *names: str) -> Iterator[Route]:
        """The named routes, or all of them, each with its whole path."""
        for name in names or self._routes:
            route = self._routes[name]
            yield Route(route.method, f"{base}{self.prefix}{route.path}")

    def path(self, name: str, base: str) -> str:
        return f"{base}{self.prefix}{self._routes[name].path}"
