"""An HTTP API with a throttle, an access log, and no access for other origins by default."""

import json
from collections.abc import Iterable
from typing import Final, cast

import jsii
from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from config.concurrency import within
from config.environments import Environment
from config.manifest import Endpoint
from config.names import API_STAGE, api_log_group
from config.settings import Throttle
from lambdas.shared.http.routes import Route
from stacks.shared.acknowledge import acknowledge
from stacks.shared.python_function import retention

ACCESS_LOG: Final = {
    "requestId": "$context.requestId",
    "time": "$context.requestTime",
    "route": "$context.routeKey",
    "status": "$context.status",
    "ms": "$context.responseLatency",
    "integrationMs": "$context.integrationLatency",
    "integrationStatus": "$context.integrationStatus",
    "error": "$context.error.message",
    "bytes": "$context.responseLength",
}
"""No address, user agent or path: the log does not say who played."""


_NO_AUTHORIZER = {
    "AwsSolutions-APIG4": "Players have no account: the Lambda admits only requests that carry "
    "the origin lock, which CloudFront adds after the edge has verified the play.",
}


class HttpApi(apigatewayv2.HttpApi):
    def __init__(
        self,
        scope: Construct,
        *,
        endpoint: Endpoint,
        environment: Environment,
        throttle: Throttle | None = None,
    ) -> None:
        """Without a throttle of its own it has the environment's."""
        super().__init__(
            scope,
            endpoint.id,
            api_name=endpoint.name,
            create_default_stage=False,
            cors_preflight=_cors(environment, endpoint),
        )
        log_group = logs.LogGroup(
            self,
            "AccessLog",
            log_group_name=api_log_group(endpoint.name),
            retention=retention(environment.log_days),
            removal_policy=RemovalPolicy.DESTROY,
        )
        self._route_settings: dict[str, dict[str, float]] = {}
        limits = throttle or Throttle(
            requests_per_second=environment.requests_per_second, burst=environment.burst
        )
        limits = within(limits, endpoint.share, environment)
        self.stage = apigatewayv2.HttpStage(
            self,
            "Stage",
            http_api=self,
            stage_name=API_STAGE,
            auto_deploy=True,
            throttle=apigatewayv2.ThrottleSettings(
                rate_limit=limits.requests_per_second, burst_limit=limits.burst
            ),
            access_log_settings=_AccessLog(log_group),
        )

    @property
    def address(self) -> str:
        return f"{self.api_endpoint}/{API_STAGE}"

    def serve(
        self,
        routes: Iterable[Route],
        function: lambda_.IFunction,
        authorizer: apigatewayv2.IHttpRouteAuthorizer | None = None,
        throttle: Throttle | None = None,
    ) -> None:
        """Each route has the throttle for itself. Without one it has the stage's."""
        for route in routes:
            for added in self.add_routes(
                path=route.path,
                methods=[apigatewayv2.HttpMethod[route.method]],
                integration=HttpLambdaIntegration(f"{route.method}{function.node.id}", function),
                authorizer=authorizer,
            ):
                if authorizer is None:
                    acknowledge(added, _NO_AUTHORIZER)
                if throttle is not None:
                    self._throttle(f"{route.method} {route.path}", added, throttle)

    def _throttle(self, key: str, route: apigatewayv2.HttpRoute, throttle: Throttle) -> None:
        self._route_settings[key] = {
            "ThrottlingRateLimit": throttle.requests_per_second,
            "ThrottlingBurstLimit": throttle.burst,
        }
        stage = cast("apigatewayv2.CfnStage", self.stage.node.default_child)
        stage.route_settings = self._route_settings
        # API Gateway refuses settings of a route that does not exist yet.
        stage.add_dependency(cast("apigatewayv2.CfnRoute", route.node.default_child))


@jsii.implements(apigatewayv2.IAccessLogSettings)
class _AccessLog:
    def __init__(self, log_group: logs.ILogGroup) -> None:
        self._destination = apigatewayv2.LogGroupLogDestination(log_group)

    @property
    def destination(self) -> apigatewayv2.IAccessLogDestination:
        return self._destination

    @property
    def format(self) -> apigateway.AccessLogFormat:
        return apigateway.AccessLogFormat.custom(json.dumps(ACCESS_LOG))


def _cors(environment: Environment, endpoint: Endpoint) -> apigatewayv2.CorsPreflightOptions | None:
    if endpoint.same_origin_only or not environment.site_origins:
        return None
    return apigatewayv2.CorsPreflightOptions(
        allow_origins=list(environment.site_origins),
        allow_methods=[apigatewayv2.CorsHttpMethod.GET, apigatewayv2.CorsHttpMethod.PUT],
        allow_headers=["content-type", *endpoint.cors_headers],
        max_age=Duration.hours(1),
    )
