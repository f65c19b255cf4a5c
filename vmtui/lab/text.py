"""What the laboratory says, in English and in Japanese; neither is ever missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["en", "ja"]
LANGUAGES: tuple[Language, ...] = ("en", "ja")


@dataclass(frozen=True, slots=True)
class Text:
    """The same said twice. `{name}` in it stands for a parameter's value."""

    en: str
    ja: str

    def of(self, language: Language) -> str:
        """In that language."""
        return self.ja if language == "ja" else self.en

    def filled(self, values: Mapping[str, str]) -> Text:
        """With `{name}` replaced by each value; braces around other words stay."""
        en, ja = self.en, self.ja
        for name, value in values.items():
            en = en.replace(f"{{{name}}}", value)
            ja = ja.replace(f"{{{name}}}", value)
        return Text(en, ja)


def same(words: str) -> Text:
    """Words that are the same in both languages: names, symbols."""
    return Text(words, words)


NOTHING = Text("", "")
