"""A person's entries on all boards: found by key, deleted, shown, and brought together."""

from collections.abc import Iterator
from typing import Any

import pytest

from lambdas.scores.forgettable import TABLE, Entries
from lambdas.scores.games import Games
from lambdas.scores.rules import Entry, rank_key
from lambdas.scores.table import ScoreTable, board_key
from lambdas.shared.dynamo.partitions import Partitions
from lambdas.shared.erasing import Walk
from lambdas.shared.forgetting import Person
from lambdas.shared.records.jobs import Job
from lambdas.shared.values.clock import from_iso
from lambdas.shared.values.uuids import uuid7
from local.dynamodb.tables import table_named
from tests.lambdas.scores.test_boards import GAME

NOW = "2026-11-21T12:00:00.000Z"
SHARED, DEVICE, OTHER = (letter * 22 for letter in "sdo")
PERSON = Person(user_ids=("u",), player_ids=(SHARED, DEVICE), at_ms=from_iso(NOW))
