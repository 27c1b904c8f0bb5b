"""Rewrites texts: every part that is not public becomes a pseudonym, the same one for the same part everywhere.

A part is a run of letters and digits. What stands between parts stays, so that what the rules read of an id (its provider, its kind, that two
are equal, that one holds the other, that a pattern fits) reads the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache

from reports.redaction.parts import GUID, WORD, Parts
from reports.redaction.vocabulary import Vocabulary, standard
from scoring.least_privilege.guards import KEPT_FOR_THE_DAY, apart

KIND = 2
"""Place of the kind of resource in an ARN, counted from its region."""

WITHHELD = "(withheld)"
EDGES = "()[]{},.;:'\"`“”„"

RARE = re.compile(r"\.(?:com|net|io|svc|aws)|roles/|\$\{|::aws:|(?i:microsoft)\.|[0-9]\.[0-9]")
"""Without any of these a text holds few kinds of phrases: it is looked through in half the time."""

REMEMBERED = 500_000
"""Texts whose rewriting is kept: the same id stands in many rows of many tables."""


Rule = Callable[[str], str]


class Pseudonyms:
    """The pseudonyms of one key, for texts."""

    def __init__(
        self, key: bytes, *, own_accounts: Collection[str] = (), stems: Iterable[tuple[str, str]] = (), vocabulary: Vocabulary | None = None
    ) -> None:
        """`own_accounts`, `stems`: see Parts."""
        self.known = vocabulary or standard()
        self.parts = Parts(key, self.known, own_accounts=own_accounts, stems=stems)
        self._all, self._few = _phrases(self.known)
        self._rules: dict[str, Rule] = {
            "word": self.parts.part,
            "guid": self.parts.guid,
            "address": self.parts.address,
            **dict.fromkeys(("date", "owned", "host", "place"), _as_it_is),
            "region": self._region,
            "arn": self._arn,
            "service": self._service,
            "api": self._api,
            "predefined": self._predefined,
            "agent": self._agent,
            "variable": self._variable,
        }
        self.name: Rule = lru_cache(maxsize=REMEMBERED)(self._name)

    def _name(self, text: str) -> str:
        """A name, an id, a path, a pattern: any text that is made of parts."""
        return self._rewritten(text, self._rules, self._all if RARE.search(text) else self._few)

    def condition(self, text: str) -> str:
        """An expression of a condition: the language's own words stay too."""
        part, stay = self.parts.part, self.known.conditions
        rules = {**self._rules, "word": lambda word: word if word.lower() in stay else part(word)}
        return self._rewritten(text, rules, self._all)

    @staticmethod
    def _rewritten(text: str, rules: Mapping[str, Rule], phrases: re.Pattern[str]) -> str:
        def one(found: re.Match[str]) -> str:
            return rules[str(found.lastgroup)](found[0])

        return phrases.sub(one, text)

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

    # --- phrases: what of them stays

    def _parts(self, text: str) -> str:
        part = self.parts.part
        return re.sub(WORD, lambda found: part(found[0]), text)

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
        shown = [one if place == KIND and one.lower() in self.known.arn_types else self._region(one) for place, one in enumerate(rest)]
        return ":".join((arn, partition, service, *shown))

    def _region(self, text: str) -> str:
        return text if text.lower() in self.known.regions else self._parts(text)

    def key_of_condition(self, key: str) -> str:
        """`aws:PrincipalTag/team`."""
        found = re.fullmatch(r"([\w-]+):(\w+)(/.*)?", key)
        if found is None or not self._is_key_prefix(found[1]):
            return self.name(key)
        return f"{found[1]}:{found[2]}{self.name(found[3]) if found[3] else ''}"

    def _is_key_prefix(self, prefix: str) -> bool:
        return prefix.lower() in self.known.aws_services or prefix.lower() in ("aws", "saml")


def _as_it_is(text: str) -> str:
    return text


def _phrases(known: Vocabulary) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What is looked for in a text, in this order, all of it and what can stand in a text without RARE; the rest is words, or stands between them."""
    hosts = "|".join(map(re.escape, sorted(known.hosts, key=len, reverse=True)))
    areas = "|".join(sorted({region.partition("-")[0] for region in known.regions if "-" in region}))
    owned = "(?:service-role|job-function|aws-service-role|root-task)"
    forms = {
        "owned": rf"arn:aws[a-z-]*:[a-z0-9-]+::aws:(?:policy|cluster-access-policy)/(?:{owned}/)?[\w+=.@-]+",
        "arn": r"arn:(?:aws[a-z-]*|\*):[a-z0-9-]+(?::[a-z0-9-]*(?::[A-Za-z0-9-]*(?::[A-Za-z][A-Za-z-]*)?)?)?",
        "guid": GUID,
        "address": r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}",
        "date": r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)?)?",
        "host": hosts,
        "service": r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?",
        "api": r"[a-z]+\.googleapis\.com",
        "region": rf"(?:{areas})(?:-gov|-iso[bef]?)?-[a-z]+-?\d{{1,2}}",
        "predefined": r"roles/[A-Za-z0-9_.]+",
        "place": r"(?i:providers/microsoft\.[a-z]+/[a-z]+)",
        "word": WORD,
    }
    agent = r"(?P<agent>@[a-z0-9-]+\.iam\.gserviceaccount\.com)(?![A-Za-z0-9])"
    few = {name: forms[name] for name in ("arn", "guid", "date", "region", "word")}
    return re.compile(rf"(?P<variable>\$\{{[^}}]*\}})|{agent}|{_edged(forms)}"), re.compile(_edged(few))


def _edged(forms: dict[str, str]) -> str:
    """Any of the forms, with no letter and no digit on either side."""
    tried = "|".join(f"(?P<{name}>{form})" for name, form in forms.items())
    return rf"(?<![A-Za-z0-9\u0080-\U0010ffff])(?:{tried})(?![A-Za-z0-9\u0080-\U0010ffff])"
