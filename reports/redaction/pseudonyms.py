"""Rewrites texts: every part that is not public becomes a pseudonym, the same one for the same part everywhere.

A part is a run of letters and digits. What stands between parts stays, so that what the rules read of an id (its provider, its kind, that two
are equal, that one holds the other, that a pattern fits) reads the same. A pseudonym is taken from HMAC-SHA256 of the lower-case part, and
written in the part's own case: what is compared without regard to case stays comparable.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import lru_cache
from itertools import pairwise

from reports.redaction.vocabulary import Vocabulary, standard
from scoring.least_privilege.guards import KEPT_FOR_THE_DAY, apart

ALPHABET = "cfghjklmnpqrstvwxz"
"""No vowel, no y, no b and no d: a pseudonym spells no word, and none of those that guards look for."""

LETTERS = 12
"""18 to the 12th are 1e15: of a million parts two share a pseudonym with a probability of 0.0004, and then it is an error, not a mix-up."""

DIGITS = 12
SHORT = 3
"""Numbers of so many digits stay: `svc-01`, the second version, a port is none."""

KIND = 2
"""Place of the kind of resource in an ARN, counted from its region."""

WITHHELD = "(withheld)"

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
EDGES = "()[]{},.;:'\"`“”„"


class RedactionError(Exception):
    """Nothing may be handed on; the message says why and what to do."""


class Pseudonyms:
    """The pseudonyms of one key. Remembers what it gave out: `given` is the way back."""

    def __init__(
        self, key: bytes, *, own_accounts: Collection[str] = (), stems: Iterable[tuple[str, str]] = (), vocabulary: Vocabulary | None = None
    ) -> None:
        """`own_accounts`: never kept, even where a vendor publishes the number. `stems`: see `stems_in`."""
        self.known = vocabulary or standard()
        self.given: dict[str, str] = {}
        """Part as it is written -> pseudonym."""
        self._key = key
        self._vendors = self.known.vendors - set(own_accounts)
        self._begins = frozenset(stem for side, stem in stems if side == "begins")
        self._ends = frozenset(stem for side, stem in stems if side == "ends")
        self._extra: frozenset[str] = frozenset()
        self._phrase = _phrases(self.known)
        self.name = lru_cache(maxsize=200_000)(self._name)

    def _name(self, text: str) -> str:
        """A name, an id, a path, a pattern: any text that is made of parts."""
        return self._phrase.sub(self._matched, text)

    def condition(self, text: str) -> str:
        """An expression of a condition: the language's own words stay too."""
        self._extra = self.known.conditions
        try:
            return self._name(text)
        finally:
            self._extra = frozenset()

    def titled(self, text: str) -> str:
        """A name; where it is several words, those that our collectors write stay."""
        return self._worded(text, self.known.titles)

    def sentence(self, text: str) -> str:
        """What our collectors say of a record: their words stay, and names in it become pseudonyms."""
        return self._worded(text, self.known.sentences)

    def _worded(self, text: str, stay: frozenset[str]) -> str:
        if " " not in text.strip():
            return self.name(text)
        return " ".join(self._one_of(chunk, stay) for chunk in text.split(" "))

    def _one_of(self, chunk: str, stay: frozenset[str]) -> str:
        return chunk if chunk.strip(EDGES) in stay else self.name(chunk)

    def withheld(self, text: str) -> str:
        """Free text: nothing of it, but for a word that makes a proposal wait."""
        found = KEPT_FOR_THE_DAY.search(apart(text))
        return f"{WITHHELD[:-1]}: {found[0]})" if found else WITHHELD

    # --- what a text is made of

    def _matched(self, found: re.Match[str]) -> str:
        kind = found.lastgroup
        text = found[0]
        if kind == "word":
            return self.part(text)
        if kind == "guid":
            return text if text.lower() in self.known.guids or _is_first_party(text) else self._remembered(text, self._guid)
        if kind in ("date", "owned", "host", "region", "place"):
            return text
        return getattr(self, f"_{kind}")(text)  # type: ignore[no-any-return]

    def _parts(self, text: str) -> str:
        return re.sub(WORD, lambda found: self.part(found[0]), text)

    def _service(self, text: str) -> str:
        """`lambda.amazonaws.com`, `states.eu-west-1.amazonaws.com`: kept where every label is AWS's."""
        labels = text.lower().removesuffix(".cn").removesuffix(".amazonaws.com")
        known = self.known.aws_services
        fine = labels in known or all(label in known or label in self.known.regions for label in labels.split("."))
        return text if fine else self._parts(text)

    def _api(self, text: str) -> str:
        """`storage.googleapis.com`."""
        return text if text.lower().removesuffix(".googleapis.com") in self.known.gcp_services else self._parts(text)

    def _predefined(self, text: str) -> str:
        """`roles/storage.admin`."""
        return text if text.lower() in self.known.roles else self._parts(text)

    def _agent(self, text: str) -> str:
        """`@gcp-sa-pubsub.iam.gserviceaccount.com`: the project is Google's."""
        project = text[1:].partition(".")[0].lower()
        google = project in self.known.google_projects or project.removeprefix("gcp-sa-") in self.known.gcp_services
        return text if google else self._parts(text)

    def _variable(self, text: str) -> str:
        """`${aws:PrincipalTag/team}`: the key stays, the tag does not."""
        key = re.match(r"\$\{(\w+):\w+", text)
        if key is None or not self._is_key_prefix(key[1]):
            return self._parts(text)
        return key[0] + self._parts(text[key.end() :])

    def _arn(self, text: str) -> str:
        """`arn:aws:iam::123456789012:role/`: partition, service, region and kind of resource stay."""
        arn, partition, service, *rest = text.split(":")
        service = service if service.lower() in self.known.aws_services else self._parts(service)
        shown = [
            one if place == KIND and one.lower() in self.known.arn_types else self._parts_or_region(one) for place, one in enumerate(rest)
        ]
        return ":".join((arn, partition, service, *shown))

    def _parts_or_region(self, text: str) -> str:
        return text if text.lower() in self.known.regions else self._parts(text)

    def _address(self, text: str) -> str:
        """`203.0.113.7`: another one; the address that stands for all stays."""
        return text if text == "0.0.0.0" else self._remembered(text, self._ip)  # noqa: S104  read, not bound

    def key_of_condition(self, key: str) -> str:
        """`aws:PrincipalTag/team`."""
        found = re.fullmatch(r"([\w-]+):(\w+)(/.*)?", key)
        if found is None or not self._is_key_prefix(found[1]):
            return self.name(key)
        return f"{found[1]}:{found[2]}{self.name(found[3]) if found[3] else ''}"

    def _is_key_prefix(self, prefix: str) -> bool:
        return prefix.lower() in self.known.aws_services or prefix.lower() in ("aws", "saml")

    # --- parts

    def part(self, text: str) -> str:
        """One run of letters and digits."""
        low = text.lower()
        if low in self.known.words or low in self._extra or (text.isdecimal() and len(text) <= SHORT) or text in self._vendors:
            return text
        if (known := self.given.get(text)) is not None:
            return known
        if len(pieces := list(self._cut(text))) > 1:
            return self._remembered(text, lambda _: "".join(self.part(piece) for piece in pieces))
        if text.isdecimal():
            return self._remembered(text, self._number)
        if KEY_ID.fullmatch(text):
            return self._remembered(text, self._key_id)
        if HEX.fullmatch(text):
            return self._remembered(text, self._hex)
        return self._remembered(text, self._word)

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

    def _ip(self, text: str) -> str:
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

    def require_distinct(self) -> None:
        """Raise RedactionError where two parts got one pseudonym: they would be taken for the same thing."""
        by_pseudonym: dict[str, str] = {}
        for part, pseudonym in self.given.items():
            if by_pseudonym.setdefault(pseudonym.lower(), part.lower()) != part.lower():
                raise RedactionError("two names got the same pseudonym under this key: make another key with --new-key, and use that")


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


def _is_first_party(guid: str) -> bool:
    """Ids of Microsoft's own applications of the old form."""
    return re.fullmatch(r"0000000[0-9a-f]-0000-0000-c000-000000000000", guid.lower()) is not None


def _phrases(known: Vocabulary) -> re.Pattern[str]:
    """What is looked for in a text, in this order; what is none of it is a word or stands between words."""
    hosts = "|".join(map(re.escape, sorted(known.hosts, key=len, reverse=True)))
    regions = "|".join(map(re.escape, sorted(known.regions, key=len, reverse=True)))
    forms = {
        "owned": r"arn:aws[a-z-]*:[a-z0-9-]+::aws:(?:policy|cluster-access-policy)/(?:(?:service-role|job-function|aws-service-role|root-task)/)?[\w+=.@-]+",
        "arn": r"arn:(?:aws[a-z-]*|\*):[a-z0-9-]+(?::[a-z0-9-]*(?::[A-Za-z0-9-]*(?::[A-Za-z][A-Za-z-]*)?)?)?",
        "guid": GUID,
        "address": r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}",
        "date": r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)?)?",
        "host": hosts,
        "service": r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?",
        "api": r"[a-z]+\.googleapis\.com",
        "region": regions,
        "predefined": r"roles/[A-Za-z0-9_.]+",
        "place": r"(?i:providers/microsoft\.[a-z]+/[a-z]+)",
        "word": WORD,
    }
    tried = "|".join(f"(?P<{name}>{form})" for name, form in forms.items())
    edged = rf"(?<![A-Za-z0-9\u0080-\U0010ffff])(?:{tried})(?![A-Za-z0-9\u0080-\U0010ffff])"
    agent = r"(?P<agent>@[a-z0-9-]+\.iam\.gserviceaccount\.com)(?![A-Za-z0-9])"
    return re.compile(rf"(?P<variable>\$\{{[^}}]*\}})|{agent}|{edged}")
