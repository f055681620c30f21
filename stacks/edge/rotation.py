"""The monthly rotation of the keys that sign plays, and of the origin lock."""

from config import names
from config.capabilities import edge
from config.edge_entries import rotation_rest_seconds
from config.games import Game
from lambdas.edge.settings import RotationSettings
from stacks.edge.store import Store
from stacks.shared.capability_stack import CapabilityStack
from stacks.shared.python_function import PythonFunction


def add_rotation(
    stack: CapabilityStack, store: Store, guard: PythonFunction, games: dict[str, Game]
) -> None:
    settings = RotationSettings(
        store_arn=store.arn,
        origin_lock_parameter=names.ORIGIN_LOCK,
        guard_function=edge.DRIFT_GUARD.name,
        rest_seconds=rotation_rest_seconds(games),
        propagation_seconds=0 if stack.settings.is_local else 30,
    )
    rotate = stack.function(edge.ROTATE_KEYS, settings)
    rotate.add_to_role_policy(store.writing())
    rotate.allow_parameter(names.ORIGIN_LOCK, "GetParameter", "PutParameter")
    rotate.allow_parameter(names.ORIGIN_LOCK_HASHES, "PutParameter")
    rotate.allow(["lambda:InvokeFunction"], guard.function_arn)
