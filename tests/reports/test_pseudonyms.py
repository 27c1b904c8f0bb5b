"""What of a text stays and what becomes a pseudonym: cases by hand. `~` in an expectation stands for one pseudonym."""

from __future__ import annotations

import json
import re

import pytest

from reports.redaction import policies
from reports.redaction.parts import RedactionError
from reports.redaction.pseudonyms import Pseudonyms

NAMES = Pseudonyms(b"n" * 32, own_accounts=("111122223333",), stems=[("begins", "log"), ("ends", "admin")])

GUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
PSEUDONYM = rf"(?:{GUID}|\d{{12,}}|A[A-Z]{{3}}[A-Z2-7]{{16}}|[0-9a-f]{{40}}|(?:[cfghjklmnpqrstvwxz]{{12}})+|(?:[CFGHJKLMNPQRSTVWXZ]{{12}})+|[A-Za-z]{{12}})"

CASES = (
    ("arn:aws:iam::111122223333:role/team/kite-deploy", "arn:aws:iam::~:role/~/~-~"),
    ("arn:aws-us-gov:s3:::kite-logs-2024/*", "arn:aws-us-gov:s3:::~-~-~/*"),
    ("arn:aws:lambda:eu-west-1:111122223333:function:kite", "arn:aws:lambda:eu-west-1:~:function:~"),
    ("arn:aws:kite:eu-west-1:111122223333:role/x", "arn:aws:~:eu-west-1:~:role/~"),
    (
        "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
        "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
    ),
    ("arn:aws:iam::464622532012:root", "arn:aws:iam::464622532012:root"),  # a vendor's, as it publishes
    ("lambda.amazonaws.com", "lambda.amazonaws.com"),
    ("states.eu-west-1.amazonaws.com", "states.eu-west-1.amazonaws.com"),
    ("kite.s3.amazonaws.com", "~.~.amazonaws.com"),
    ("AKIAIOSFODNN7EXAMPLE", "~"),
    ("user:111122223333/ana", "user:~/~"),
    ("serviceAccount:etl@kite-prod.iam.gserviceaccount.com", "serviceAccount:~@~-~.iam.gserviceaccount.com"),
    (
        "serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com",
        "serviceAccount:service-~@gcp-sa-pubsub.iam.gserviceaccount.com",
    ),
    ("serviceAccount:service-123456789012@gcp-sa-kite.iam.gserviceaccount.com", "serviceAccount:service-~@gcp-~-~.iam.gserviceaccount.com"),
    ("123456789012-compute@developer.gserviceaccount.com", "~-compute@developer.gserviceaccount.com"),
    ("//storage.googleapis.com/kite", "//storage.googleapis.com/~"),
    ("//kite.googleapis.com/x", "//~.googleapis.com/~"),
    ("roles/storage.objectViewer", "roles/storage.objectViewer"),
    ("projects/kite/roles/reader", "projects/~/~/~"),
    ("/subscriptions/5a3b1e00-377f-42ac-8fa8-953a64564355/resourceGroups/rg-kite", "/subscriptions/~/resourceGroups/~-~"),
    ("5A3B1E00-377F-42AC-8FA8-953A64564355", None),
    ("acdd72a7-3385-48ef-bd42-f606fba81ae7", "acdd72a7-3385-48ef-bd42-f606fba81ae7"),  # Azure's Reader
    ("00000003-0000-0000-c000-000000000000", "00000003-0000-0000-c000-000000000000"),  # Microsoft Graph
    ("https://token.actions.githubusercontent.com", "https://token.actions.githubusercontent.com"),
    ("https://login.kite.example/oauth", "https://~.~.~/~"),
    ("repo:kite/api:ref:refs/heads/main", "repo:~/api:ref:refs/heads/~"),
    ("${aws:PrincipalTag/kite}", "${aws:PrincipalTag/~}"),
    ("${kite:x}", "${~:~}"),
    ("203.0.113.7/32", None),
    ("0.0.0.0/0", "0.0.0.0/0"),
    ("2026-09-30T10:00:00Z", "2026-09-30T10:00:00Z"),
    ("0ad24aee2c98c15c648d98ce74e362aed2f95a15", "~"),
    ("svc-01", "~-01"),
    ("svc-4711", "~-~"),
    ("Zoë Müller", "~ ~"),
    ("ana.ruiz@kite.example", "~.~@~.~"),
    ("break-glass-01", "break-glass-01"),
    ("logs", "~"),  # two pseudonyms: some policy says `log*`
)


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_the_grammar_of_an_id_stays_and_its_names_do_not(text: str, expected: str | None) -> None:
    made = NAMES.name(text)
    if expected is None:
        assert made != text
    else:
        assert re.fullmatch(re.escape(expected).replace(r"\~", PSEUDONYM), made), made
    if "~" in (expected or "~"):
        assert made != text
    assert NAMES.name(text) == made


def test_the_same_part_gets_the_same_pseudonym_wherever_it_stands_and_in_any_case() -> None:
    arn, name, mixed = NAMES.name("arn:aws:iam::111122223333:role/kite"), NAMES.name("kite"), NAMES.name("KiTe")
    assert arn.endswith(f"/{name}")
    assert mixed.lower() == name
    assert NAMES.name("KITE") == name.upper()
    assert NAMES.name("Kite") == name.capitalize()


def test_a_pattern_matches_what_it_matched() -> None:
    stem = NAMES.name("log")
    assert NAMES.name("logs").startswith(stem)
    assert NAMES.name("logging-app").startswith(stem)
    assert NAMES.name("superadmin").endswith(NAMES.name("admin"))
    assert not NAMES.name("blog").endswith(stem)


def test_free_text_is_withheld_but_for_a_word_that_makes_a_proposal_wait() -> None:
    assert NAMES.withheld("pays the invoices of Kite") == "(withheld)"
    assert NAMES.withheld("Kite's fail-over, DR only") == "(withheld: fail-over)"


def test_words_that_collectors_write_stay_in_sentences_and_names_in_them_do_not() -> None:
    assert re.fullmatch(rf"an AWS service of the account {PSEUDONYM}", NAMES.sentence("an AWS service of the account kite"))
    assert re.fullmatch(PSEUDONYM, NAMES.sentence("account")) is None  # one word: a name, and of the grammar of ids
    assert re.fullmatch(PSEUDONYM, NAMES.sentence("evidence"))


def test_a_policy_keeps_actions_and_operators_and_nothing_else() -> None:
    statement = {
        "Sid": "KiteReads",
        "Effect": "Allow",
        "Action": ["s3:Get*", "kite:Fly"],
        "Principal": {"AWS": 111122223333, "Kite": "x"},
        "Resource": "arn:aws:s3:::kite/*",
        "Condition": {
            "NumericLessThan": {"aws:MultiFactorAuthAge": "3600"},
            "StringEquals": {"aws:PrincipalTag/kite": "ana", "kite": "ana"},
        },
        "Kite": {"note": "ana"},
    }
    made = json.loads(policies.document(json.dumps({"Version": "2012-10-17", "Statement": [statement]}), NAMES))
    text = json.dumps(made)
    (found,) = made["Statement"]
    assert "kite" not in text.lower()
    assert "111122223333" not in text
    assert '"ana"' not in text
    assert made["Version"] == "2012-10-17"
    assert found["Action"][0] == "s3:Get*"
    assert found["Condition"]["NumericLessThan"] == {"aws:MultiFactorAuthAge": "3600"}
    assert isinstance(found["Principal"]["AWS"], int)


@pytest.mark.parametrize(
    "text", ["s3:GetObject", "*", "s3:*", "storage.objects.get", "compute.googleapis.com/instances.get", "Microsoft.Web/sites/*", "*/read"]
)
def test_an_operation_of_a_known_service_stays(text: str) -> None:
    assert policies.operation(text, NAMES) == text


@pytest.mark.parametrize("text", ["kite:Fly", "kite.things.get", "Contoso.Kite/things/read", "kite"])
def test_an_operation_of_nobody_known_is_a_name(text: str) -> None:
    assert "kite" not in policies.operation(text, NAMES).lower()


def test_two_parts_under_one_pseudonym_are_an_error() -> None:
    names = Pseudonyms(b"n" * 32)
    names.name("kite/eagle")
    names.parts.require_distinct()
    names.parts.given["eagle"] = names.parts.given["kite"]
    with pytest.raises(RedactionError, match="make another key"):
        names.parts.require_distinct()
