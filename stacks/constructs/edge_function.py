"""A CloudFront Function, assembled and published with the store it reads."""

from aws_cdk import aws_cloudfront as cloudfront
from constructs import Construct

from cf_functions.assemble import assemble


class EdgeFunction(cloudfront.Function):
    def __init__(
        self, scope: Construct, id: str, *, name: str, source: str, store: cloudfront.KeyValueStore
    ) -> None:
        super().__init__(
            scope,
            id,
            function_name=name,
            code=cloudfront.FunctionCode.from_inline(assemble(source)),
            runtime=cloudfront.FunctionRuntime.JS_2_0,
            key_value_store=store,
        )
