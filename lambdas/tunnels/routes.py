"""The routes of creators, of their hosts, and of installers."""

from typing import Final

from lambdas.shared.http.routes import Routes

ROUTES: Final = Routes(
    "/tunnels",
    overview="GET /overview",
    add_agent="POST /agents",
    list_agents="GET /agents",
    read_agent="GET /agents/{id}",
    change_agent="PATCH /agents/{id}",
    delete_agent="DELETE /agents/{id}",
    rotate_agent_key="POST /agents/{id}/rotate-key",
    rotate_agent_wireguard="POST /agents/{id}/rotate-wireguard",
    add_gateway="POST /gateways",
    list_gateways="GET /gateways",
    read_gateway="GET /gateways/{id}",
    change_gateway="PATCH /gateways/{id}",
    delete_gateway="DELETE /gateways/{id}",
    rotate_gateway_key="POST /gateways/{id}/rotate-key",
    rotate_gateway_wireguard="POST /gateways/{id}/rotate-wireguard",
    add_tunnel="POST /tunnels",
    list_tunnels="GET /tunnels",
    read_tunnel="GET /tunnels/{id}",
    change_tunnel="PATCH /tunnels/{id}",
    delete_tunnel="DELETE /tunnels/{id}",
    read_dns="GET /tunnels/{id}/dns",
    order_certificate="POST /tunnels/{id}/certificate",
)
HOSTS: Final = Routes(
    "/tunnels",
    config="GET /control/config",
    challenge="GET /challenge/{network}/{domain}/{token}",
)
INSTALL: Final = Routes(
    "/install",
    agent="GET /agent.sh",
    gateway="GET /gateway.sh",
    control="GET /control.json",
    program="GET /programs/{name}",
)
"""At the site's root, where the one-line command expects them."""
