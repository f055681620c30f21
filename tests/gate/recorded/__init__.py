"""A system's stored items and its answers for them, as record_items wrote them."""

from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent
ITEMS: Final = _FOLDER / "items.json.gz"
ANSWERS: Final = _FOLDER / "answers.json"
INSIGHTS: Final = _FOLDER / "insights.json"
"""Items of Insights' tables and what they read of them, as record_insights wrote them."""
