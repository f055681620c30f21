"""A function as the list of functions has it."""

from dataclasses import dataclass, field, replace
from typing import Any, Self

from lambdas.insights.catalogue import language_title

OWN: str = "htmlgame"
"""The project of the functions that are deployed with the app."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    language: str
    title: str
    description: str = ""
    version: str = ""
    tags: tuple[str, ...] = ()
    active: bool = True
    schema: dict[str, Any] | None = None
    examples: list[Any] = field(default_factory=list)
    created_at: str = ""
    updated_at: str = ""

    @property
    def language_title(self) -> str:
        return language_title(self.language, self.title)

    def since(self, known: "Registered | None") -> "Registered":
        """The same function, created when it first became known."""
        return self if known is None else replace(self, created_at=known.created_at)

    def matches(self, words: str) -> bool:
        """Whether every word is in its name, its description or its tags."""
        text = " ".join((self.language_title, self.description, *self.tags)).lower()
        return all(word in text for word in words.lower().split())

    def to_item(self) -> dict[str, Any]:
        return {
            "language": self.language,
            "title": self.title,
            "description": self.description,
            "version": self.version,
            "tags": list(self.tags),
            "active": self.active,
            "schema": self.schema,
            "examples": self.examples,
            "createdAt": self.created_at,
            "updatedAt": self.updated_at,
        }

    @classmethod
    def from_item(cls, item: dict[str, Any]) -> Self:
        return cls(
            language=item["language"],
            title=item["title"],
            description=item["description"],
            version=item["version"],
            tags=tuple(item["tags"]),
            active=item["active"],
            schema=item["schema"],
            examples=item["examples"],
            created_at=item["createdAt"],
            updated_at=item["updatedAt"],
        )

    def to_json(self) -> dict[str, Any]:
        return {"languageTitle": self.language_title, **self.to_item()}
