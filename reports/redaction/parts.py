"""Pseudonyms of single parts: runs of letters and digits, unique ids, addresses. The same part gets the same one wherever it stands.

A pseudonym is taken from HMAC-SHA256 of the lower-case part under the key, and written in the part's own case: what is compared without
regard to case stays comparable.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import pairwise

from reports.redaction.vocabulary import Vocabulary
from scoring.least_privilege.guards import KEPT_FOR_THE_DAY, apart

ALPHABET = "cfghjklmnpqrstvwxz"
"""No vowel, no y, no b and no d: a pseudonym spells no word, and none of those that guards look for."""

LETTERS = 12
"""18 to the 12th are 1e15: of a million parts two share a pseudonym with a probability of 0.0004, and then it is an error, not a mix-up."""

DIGITS = 12
SHORT = 3
"""Numbers of so many digits stay: `svc-01`, the second version, a port is none."""

WORD = r"[A-Za-z0-9\u0080-\U0010ffff]+"
GUID = r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"
KEY_ID = re.compile(r"(A(?:KIA|SIA|IDA|ROA|GPA|IPA|NPA|NVA|PKA|BIA|CCA|SCA))[A-Z0-9]{12,}")
"""Unique ids of IAM; their first letters say of what. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"""
HEX = re.compile(r"(?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{16,}")
UNIQUE = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
INSIDE = re.compile(
    "emergency|disaster|christmas|seasonal|failover|breakglass|firecall|firefighter|blackfriday|yearend|break|glass", re.IGNORECASE
)


class RedactionError(Exception):
    """Nothing may be handed on; the message says why and what to do."""


class Parts:
    """The pseudonyms of one key. Remembers what it gave out: `given` is the way back."""

    def __init__(self, key: bytes, known: Vocabulary, *, own_accounts: Collection[str], stems: Iterable[tuple[str, str]]) -> None:
        """`own_accounts`: never kept, even where a vendor publishes the number. `stems`: see `stems_in`."""
        self.given: dict[str, str] = {}
        """Part as it is written -> pseudonym."""
        self._key = key
        self._known = known
        self._vendors = known.vendors - set(own_accounts)
        stems = list(stems)
        self._begins = frozenset(stem for side, stem in stems if side == "begins")
        self._ends = frozenset(stem for side, stem in stems if side == "ends")
        self._answers: dict[str, str] = {}

    def part(self, text: str) -> str:
        """One run of letters and digits; what is public stays."""
        answer = self._answers.get(text)
        if answer is None:
            answer = self._answers[text] = text if self._stays(text) else self._remembered(text, self._made(text))
        return answer

    def guid(self, text: str) -> str:
        """Another GUID; those of built-in roles, of Microsoft's permissions and of its oldest applications stay."""
        low = text.lower()
        if low in self._known.guids or re.fullmatch(r"0000000[0-9a-f]-0000-0000-c000-000000000000", low):
            return text
        return self._remembered(text, self._guid)

    def address(self, text: str) -> str:
        """`203.0.113.7`: another one; the address that stands for all stays."""
        return text if text == "0.0.0.0" else self._remembered(text, self._address)  # noqa: S104  read, not bound

    def require_distinct(self) -> None:
        """Raise RedactionError where two parts got one pseudonym: they would be taken for the same thing."""
        by_pseudonym: dict[str, str] = {}
        for part, pseudonym in self.given.items():
            if by_pseudonym.setdefault(pseudonym.lower(), part.lower()) != part.lower():
                raise RedactionError("two names got the same pseudonym under this key: make another key with --new-key, and use that")

    def _stays(self, text: str) -> bool:
        return text.lower() in self._known.words or (text.isdecimal() and len(text) <= SHORT) or text in self._vendors

    def _made(self, text: str) -> Callable[[str], str]:
        """How the pseudonym of a part is made."""
        if len(pieces := list(self._cut(text))) > 1:
            return lambda _: "".join(self.part(piece) for piece in pieces)
        if text.isdecimal():
            return self._number
        if KEY_ID.fullmatch(text):
            return self._key_id
        return self._hex if HEX.fullmatch(text) else self._word

    def _cut(self, text: str) -> Iterator[str]:
        """A part at what guards look for inside it, and at what a pattern asks for next to a wildcard: `logs` where some policy says `log*`."""
        low = text.lower()
        cuts = {len(low) - length for length in range(1, len(low)) if low[-length:] in self._ends}
        for start in sorted({0, *cuts}):
            rest = low[start : min((cut for cut in cuts if cut > start), default=len(low))]
            cuts |= {start + length for length in range(1, len(rest)) if rest[:length] in self._begins}
        if KEPT_FOR_THE_DAY.search(apart(text)):
            cuts |= {found.start() for found in CAMEL.finditer(text)}
            cuts |= {edge for found in INSIDE.finditer(text) for edge in found.span()}
        edges = [0, *sorted(cuts - {0, len(text)}), len(text)]
        return (text[start:end] for start, end in pairwise(edges))

    def _remembered(self, text: str, made: Callable[[str], str]) -> str:
        if text not in self.given:
            self.given[text] = made(text)
        return self.given[text]

    def _digest(self, kind: str, low: str) -> bytes:
        return hmac.new(self._key, f"{kind}:{low}".encode(), hashlib.sha256).digest()

    def _number(self, text: str) -> str:
        """As many digits, and never fewer than an account number has: short ones would meet."""
        length = max(len(text), DIGITS)
        return f"{int.from_bytes(self._digest('number', text)) % 10**length:0{length}d}"

    def _key_id(self, text: str) -> str:
        return text[:4] + _letters(self._digest("key", text), 16, UNIQUE)

    def _hex(self, text: str) -> str:
        digest = self._digest("hex", text).hex()
        return (digest * (len(text) // len(digest) + 1))[: len(text)]

    def _guid(self, text: str) -> str:
        digest = self._digest("guid", text.lower()).hex()
        guid = "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))
        return guid.upper() if text.isupper() else guid

    def _address(self, text: str) -> str:
        return ".".join(str(octet) for octet in self._digest("address", text)[:4])

    def _word(self, text: str) -> str:
        low = text.lower()
        made = _letters(self._digest("word", low), LETTERS, ALPHABET)
        if text == low:
            return made
        if text.isupper():
            return made.upper()
        if text[:1].isupper() and text[1:] == low[1:]:
            return made.capitalize()
        mask = int.from_bytes(self._digest("case", text))
        return "".join(letter.upper() if mask >> place & 1 else letter for place, letter in enumerate(made))


def stems_in(text: str) -> Iterator[tuple[str, str]]:
    """What a pattern asks for next to a wildcard inside a part: (`begins`, `log`) of `log*`, (`ends`, `admin`) of `*Admin`."""
    for found in re.finditer(rf"({WORD})?[*?]+({WORD})?", text):
        if found[1]:
            yield "begins", found[1].lower()
        if found[2]:
            yield "ends", found[2].lower()


def _letters(digest: bytes, count: int, alphabet: str) -> str:
    number, letters = int.from_bytes(digest), []
    for _ in range(count):
        number, place = divmod(number, len(alphabet))
        letters.append(alphabet[place])
    return "".join(letters)
