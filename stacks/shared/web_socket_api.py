"""A WebSocket API: one function admits connections, another answers them and their messages.

It writes no access log: that needs a role in the settings of the whole account, which other APIs
of the account share. The functions log connections and messages.
"""

from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk.aws_apigatewayv2_authorizers import WebSocketLambdaAuthorizer
from aws_cdk.aws_apigatewayv2_integrations import WebSocketLambdaIntegration
from constructs import Construct

from config.manifest import Endpoint
from config.settings import Throttle
from stacks.shared.acknowledge import acknowledge, acknowledge_wildcards
from stacks.shared.python_function import PythonFunction

STAGE: Final = "v1"
_NO_ACCESS_LOG: Final = {
    "AwsSolutions-APIG1": "An access log needs a role in the settings of the whole account."
}
_ADMITTED: Final = {
    "AwsSolutions-APIG4": "API Gateway authorizes a connection at $connect; it takes no "
    "authorizer on other routes."
}


class WebSocketApi(Construct):
    def __init__(
        self, scope: Construct, *, endpoint: Endpoint, throttle: Throttle | None = None
    ) -> None:
        super().__init__(scope, endpoint.id)
        self._api = apigatewayv2.WebSocketApi(
            self,
            "Api",
            api_name=endpoint.name,
            route_selection_expression="$request.body.type",
        )
        limits = throttle or Throttle()
        stage = apigatewayv2.WebSocketStage(
            self,
            "Stage",
            web_socket_api=self._api,
            stage_name=STAGE,
            auto_deploy=True,
            throttle=apigatewayv2.ThrottleSettings(
                rate_limit=limits.requests_per_second, burst_limit=limits.burst
            ),
        )
        acknowledge(stage, _NO_ACCESS_LOG)

    @property
    def address(self) -> str:
        return f"{self._api.api_endpoint}/{STAGE}"

    def serve(self, function: PythonFunction, *, authorizer: PythonFunction) -> None:
        """An authorizer without an identity source also sees connections that bring no key."""
        admits = WebSocketLambdaAuthorizer("Authorizer", authorizer, identity_source=[])
        for key in ("$connect", "$disconnect", "$default"):
            route = self._api.add_route(
                key,
                integration=WebSocketLambdaIntegration(f"{key}{function.node.id}", function),
                authorizer=admits if key == "$connect" else None,
            )
            if key != "$connect":
                acknowledge(route, _ADMITTED)

    def let_post(self, function: PythonFunction) -> None:
        """Lets the function send to every connection, and close it."""
        arns = [self._connections_arn(method) for method in ("POST", "DELETE")]
        function.allow(["execute-api:ManageConnections"], *arns)
        reason = "Connections come and go without a deploy."
        acknowledge_wildcards(function.own_role, arns, reason)

    def _connections_arn(self, method: str) -> str:
        return Stack.of(self).format_arn(
            service="execute-api",
            resource=self._api.api_id,
            resource_name=f"{STAGE}/{method}/@connections/*",
        )
