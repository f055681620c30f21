"""The templates as they are now."""

from tests.stacks.conftest import assembly_of as assembly_of
