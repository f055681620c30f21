"""Builds the edge functions, their store, and the patch that puts them into the distribution."""

from aws_cdk import CustomResource
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam

from config import names
from config.capabilities import edge
from config.games import load_games
from lambdas.edge.settings import OriginLockSettings
from stacks.edge.patch import Patch
from stacks.edge.rotation import add_rotation
from stacks.edge.store import Store
from stacks.shared.capability_stack import CapabilityStack
from stacks.shared.custom_resource import custom_resource


def build(stack: CapabilityStack) -> None:
    games = load_games()
    lock = _origin_lock(stack)
    store = Store(stack, games)
    patch = Patch(stack, store)
    patch.resource.node.add_dependency(lock, store.entries, *patch.functions)
    guard = patch.add_drift_guard()
    add_rotation(stack, store, guard, games)
    for rule in stack.node.find_all():
        # Rules go before the patch does, or the guard might restore it while the stack goes.
        if isinstance(rule, events.Rule):
            rule.node.add_dependency(patch.resource)
    _let_others_write_the_store(stack, store)


def _origin_lock(stack: CapabilityStack) -> CustomResource:
    settings = OriginLockSettings(origin_lock_parameter=names.ORIGIN_LOCK)
    keeper = stack.function(edge.ORIGIN_LOCK_KEEPER, settings)
    keeper.allow_parameter(names.ORIGIN_LOCK, "GetParameter", "PutParameter", "DeleteParameter")
    keeper.allow_parameter(names.ORIGIN_LOCK_HASHES, "PutParameter", "DeleteParameter")
    # The property is new to older deploys, so that CloudFormation calls the function for them.
    return custom_resource(stack, "OriginLock", keeper, Hashes=names.ORIGIN_LOCK_HASHES)


def _let_others_write_the_store(stack: CapabilityStack, store: Store) -> None:
    """The grant is made where the store is: without this stack there is nothing to write."""
    roles = [
        iam.Role.from_role_name(
            stack, f"{function.id}Role", names.function_role(function.name, stack.region)
        )
        for capability in stack.enabled
        if capability.stack != stack.stack_name
        for function in capability.functions
        if function.writes_edge_store
    ]
    iam.Policy(stack, "PublishThresholds", roles=roles, statements=[store.writing()])
