"""The border of the protected store: what stands in the place of persons in every text that leaves it (design.md §7).

A key, and whatever we know a person by, becomes that person's pseudonym. A text that has the mark of somebody we do not
know (a mail address, a telephone number, My Number, an address, a name with 様) is withheld whole, for what else it
says of them nobody can tell. The same text always becomes the same, and two texts never the same: what belonged
together still meets. A name that nobody recorded and that has no such mark cannot be told from a word.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from evidence.datasets import Column
from evidence.persons import MAY_HOLD_A_KEY, MINTED, Keys, normal, pseudonym

if TYPE_CHECKING:
    from evidence.facts.window import Window

WITHHELD = "個人の記載のため非開示"
SAYS_NOTHING = r"^(?:[0-9a-f]{64}(?:::[0-9]+)?)?$"  # a digest, or where a row stands in an object
GIVEN = frozenset({"right_key"})  # a system gives it to what somebody has; it stands in reviews and approvals too
MOST_KEPT = 1 << 16  # texts
MARK = 5  # up to which sign a pseudonym tells names of one person apart
LONGEST = 4  # parts of a number that a worker is known by, as in AO-2020-0417-1
SHORTEST = {True: 5, False: 3}  # of an identifier in ASCII, by whether it is of digits alone: a count is none
_SPOKEN = 2  # a name so short may be a part of another word
_WITHIN, _WITHIN_TOO = re.compile(r"\d[-/.,:]$"), re.compile(r"[-/.,:]\d")  # digits of a date, time or amount
_KEY = re.compile(MAY_HOLD_A_KEY)
_SAYS_NOTHING = re.compile(SAYS_NOTHING)
_PARTS = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
_PART = re.compile(r"[a-z0-9]+")
_NAME = "[一-鿿々ァ-ヶー]"
_DASH = "[-‐‑–−ー ]"  # as people write them
_MY_NUMBER = re.compile(rf"(?<![0-9a-z])(?<!\d-)\d{{4}}{_DASH}?\d{{4}}{_DASH}?\d{{4}}(?![0-9a-z])")
_PHONE = re.compile(rf"(?<![0-9a-z.-])(?:\+81{_DASH}?|\(?0)\d{{1,4}}\)?{_DASH}?\d{{1,4}}{_DASH}?\d{{3,4}}(?![0-9a-z-])")
_MARKS = tuple(
    map(
        re.compile,
        (
            r"[a-z0-9._%+-]+@[a-z0-9-]+\.[a-z0-9-]",
            r"(?:北海道|東京都|京都府|大阪府|[一-鿿]{2,3}県)[^\s、。]{1,40}?(?:\d|[一二三四五六七八九十]丁目)",
            rf"{_NAME}{{2,8}}(?<![者客先方社署部課店員長名仕模多同異有一各神宮本])\s?(?:様|さん|氏(?!名)|殿)",
            rf"(?:氏名|名前|フリガナ|顧客名)\s*[::]\s*(?:{_NAME}|[ぁ-ん])",
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Known:
    """Whom a house knows, and by what: the identifiers that were recorded of them, and who mints a key of theirs."""

    keys: Keys = field(repr=False)
    workers: frozenset[str] = field(repr=False)  # keys of who is or was on a roster
    names: Mapping[str, tuple[tuple[str, str], ...]] = field(repr=False)  # identifier and key, by its first two signs
    said: dict[tuple[str, str], tuple[str, frozenset[str]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )  # by company and text what it becomes, and whom it names: the same is asked again and again

    @classmethod
    def of(cls, secret: bytes, identities: Iterable[Mapping[str, Any]], workers: Iterable[str]) -> "Known":
        """From the rows of the register of identities, of any day, and the keys of who was on a roster."""
        told = {(row["identifier_kind"], normal(row["identifier"])): row["person_key"] for row in identities}
        names: dict[str, dict[str, str]] = {}
        for (_, identifier), key in told.items():
            bare = _bare(identifier)
            if len(bare) >= (SHORTEST[bare.isdigit()] if bare.isascii() else _SPOKEN):
                names.setdefault(bare[:2], {})[bare] = key
        longest = {first: tuple(sorted(of.items(), key=lambda one: (-len(one[0]), one))) for first, of in names.items()}
        return cls(Keys(secret, told), frozenset(workers), longest)

    @classmethod
    def by(cls, secret: bytes, window: "Window", *, history: bool = True) -> "Known":
        """From what a window holds; without ``history`` only who is on the newest rosters."""
        rosters = "workers_history" if history else "workers"
        return cls.of(
            secret,
            window.rows("person_identities", history=True),
            (str(key) for (key,) in window.ever(rosters, "person_key")),
        )

    def found(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Where a folded text names somebody, and their key; from left to right, nowhere twice."""
        places = [place for place, sign in enumerate(text) if not sign.isspace()]
        bare, end = "".join(text[place] for place in places), 0
        numbers = {start: (last, key) for start, last, key in self._numbers(text)}
        for at, place in enumerate(places):
            if place < end:
                continue
            for name, key in self.names.get(bare[at : at + 2], ()):
                last = places[at + len(name) - 1] + 1 if bare.startswith(name, at) else 0
                if (
                    last
                    and (last - place == len(name) or not name.isdigit())
                    and _stands_alone(text, place, last, name)
                ):
                    end = last
                    yield place, end, key
                    break
            else:
                if place in numbers:
                    end, key = numbers[place]
                    yield place, end, key

    def _numbers(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Where a worker number stands: it is no word that we keep, but what mints the key of somebody on a roster."""
        for told in _PARTS.finditer(text) if self.workers else ():
            parts = [part.span() for part in _PART.finditer(text, *told.span())]
            end = 0
            for n, (start, _) in enumerate(parts):
                for _, last in reversed(parts[n : n + LONGEST]) if start >= end else ():
                    word = text[start:last]
                    if _may_be_a_number(word) and (key := _of_number(self.keys, word)) in self.workers:
                        yield start, last, key
                        end = last
                        break


class Level(StrEnum):
    """How much of a text may be personal."""

    KEYS = "keys"  # keys in it: it is a code, or a company publishes it
    WORDS = "words"  # whatever somebody wrote
    WHOLE = "whole"  # all of it: a login, the number of a card


@dataclass(frozen=True, slots=True)
class Border:
    """Says a text as those outside may read it who read about one company."""

    known: Known
    company: str
    level: Level = Level.WORDS
    met: set[str] | None = field(default=None, repr=False, compare=False)  # notes whose pseudonyms were given

    def __call__(self, text: str) -> str:
        """The text, with pseudonyms in the place of persons; or that it is withheld."""
        told = MINTED.sub(lambda found: self._pseudonym(found[0]), text)
        if self.level is Level.KEYS or not text or (told != text and _KEY.fullmatch(text)):
            return told
        if self.level is Level.WHOLE:
            return told if told != text else self._of(text)
        return told if _SAYS_NOTHING.fullmatch(told) else self._said(told)

    def _said(self, text: str) -> str:
        kept, about = self.known.said, (self.company, text)
        found = kept.get(about)  # other threads may clear it at any time
        if found is None:
            if len(kept) >= MOST_KEPT:
                kept.clear()
            met = set[str]()
            found = kept[about] = replace(self, met=met)._without_persons(text), frozenset(met)
        told, named = found
        if self.met is not None:
            self.met.update(named)
        return told

    def _without_persons(self, text: str) -> str:
        told = unicodedata.normalize("NFC", text)
        folded, places = _compared(told)
        parts, last = list[str](), 0
        for start, end, key in self.known.found(folded):
            first, before, last = places[start], last, places[end - 1] + 1
            parts += [told[before:first], self._person(key, told[first:last])]
        told = "".join((*parts, told[last:])) if parts else text
        return f"{WITHHELD} {self._of(text)}" if _marked(_compared(told)[0] if parts else folded) else told

    def _person(self, key: str, called: str) -> str:
        """The pseudonym of a person and, for what is called by two of their names is two things, a mark of the name."""
        return f"{self._pseudonym(key)}-{self._of(called)[1:MARK]}"

    def _pseudonym(self, key: str) -> str:
        if self.met is not None:
            self.met.add(key)
        return pseudonym(self.known.keys.secret, self.company, key)

    def _of(self, text: str) -> str:
        return pseudonym(self.known.keys.secret, self.company, f"text\0{text}")


def leaving(masked: Callable[[str], str], column: Column) -> Callable[[str], str]:
    """How the texts of a column leave, by what is declared of it; of a raw pack as they are."""
    if not isinstance(masked, Border):
        return masked
    is_whole = column.personal and column.type in ("text", "list") and column.name not in GIVEN
    has_words = column.has_words or column.name in GIVEN
    return replace(masked, level=Level.WHOLE if is_whole else Level.WORDS if has_words else Level.KEYS)


def _marked(text: str) -> bool:
    """Whether a text has the mark of somebody whom nobody here knows."""
    if any(mark.search(text) for mark in _MARKS):
        return True
    if any(len(re.sub(r"\D", "", told[0].replace("+81", "0"))) in (10, 11) for told in _PHONE.finditer(text)):
        return True
    return any(is_my_number(re.sub(r"\D", "", told[0])) for told in _MY_NUMBER.finditer(text))


def is_my_number(digits: str) -> bool:
    """Whether twelve digits end with their check digit (番号法施行令・総務省令第85号 第5条)."""
    total = sum(int(digit) * (n + 1 if n <= 6 else n - 5) for n, digit in enumerate(reversed(digits[:11]), start=1))
    rest = total % 11
    return int(digits[11]) == (0 if rest <= 1 else 11 - rest)


def _may_be_a_number(word: str) -> bool:
    return any(map(str.isdigit, word)) and (not word.isdigit() or len(word) >= SHORTEST[True])


def _stands_alone(text: str, start: int, end: int, name: str) -> bool:
    """Whether no sign beside it makes it a part of a longer word, or number."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if not name.isascii():
        return len(name) > _SPOKEN or not (before.isalnum() or after.isalnum())
    beside = (before if name[0].isalnum() else "") + (after if name[-1].isalnum() else "")
    if any(sign.isascii() and sign.isalnum() for sign in beside):
        return False
    return not name.isdigit() or not (_WITHIN.search(text, 0, start) or _WITHIN_TOO.match(text, end))


def _bare(identifier: str) -> str:
    return "".join(identifier.split())


def _compared(text: str) -> tuple[str, Sequence[int]]:
    """A text as it is compared, and of which of its signs each sign of that was made."""
    if text.isascii():
        return text.lower(), range(len(text))
    signs = [(folded, place) for place, sign in enumerate(text) for folded in _folded(sign)]
    return "".join(folded for folded, _ in signs), [place for _, place in signs]


@lru_cache(maxsize=4096)
def _folded(sign: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", sign).casefold())


@lru_cache(maxsize=1 << 16)
def _minted(secret: bytes, number: str) -> str:
    return Keys(secret).person("worker_no", number)


def _of_number(keys: Keys, number: str) -> str:
    return keys.aliases.get(("worker_no", number)) or _minted(keys.secret, number)
