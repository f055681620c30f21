"""A CloudFront Function, built and published with the store that it reads."""

from aws_cdk import aws_cloudfront as cloudfront
from constructs import Construct

from cf_functions.assemble import assemble
from config import manifest


class EdgeFunction(cloudfront.Function):
    def __init__(
        self,
        scope: Construct,
        *,
        function: manifest.EdgeFunction,
        store: cloudfront.KeyValueStore,
    ) -> None:
        super().__init__(
            scope,
            function.name,
            function_name=function.name,
            code=cloudfront.FunctionCode.from_inline(assemble(function.source)),
            runtime=cloudfront.FunctionRuntime.JS_2_0,
            key_value_store=store,
        )
