"""A system's stored items and its answers for them, as record_items wrote them."""

from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent
ITEMS: Final = _FOLDER / "items.json.gz"
ANSWERS: Final = _FOLDER / "answers.json"
