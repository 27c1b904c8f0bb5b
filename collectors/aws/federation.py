"""Who else vouches for identities: OIDC and SAML providers of IAM, and trust anchors of IAM Roles Anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.aws.common import account_of, parse_arn
from collectors.document import Document, Format, Problem
from collectors.records import Notes, has_page, read_list, read_pages
from inventory.model import Federation, Row, Status

STATUSES: Mapping[Any, Status] = {True: Status.ACTIVE, False: Status.DISABLED}


def oidc_providers(document: Document) -> Iterator[Row | Problem]:
    """get-open-id-connect-provider, wrapped with the OpenIDConnectProviderArn that the answer itself lacks."""
    return read_pages(document, "ClientIDList", _oidc)


def _oidc(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
    arn = raw.get("OpenIDConnectProviderArn")
    if not isinstance(arn, str):
        raise ValueError('does not say which provider it is: wrap the answer as {"OpenIDConnectProviderArn": "…", "Url": …}')
    yield Federation(
        federation_id=arn,
        provider="aws",
        scope=account_of(arn),
        name=raw["Url"].removeprefix("https://"),
        kind="oidc",
        issuer=f"https://{raw['Url'].removeprefix('https://')}",
        audiences=sorted(raw["ClientIDList"]),
        safety_reason="whom it lets in, the trust policies of the roles say",
        status=Status.ACTIVE,
        evidence=notes.document.at(f"OpenIDConnectProviderArn={arn}"),
    )


def saml_providers(document: Document) -> Iterator[Row | Problem]:
    """list-saml-providers. People sign in by them, as a rule."""
    return read_list(document, "SAMLProviderList", _saml)


def _saml(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
    arn = raw["Arn"]
    yield Federation(
        federation_id=arn,
        provider="aws",
        scope=account_of(arn),
        name=arn.rsplit("/", 1)[-1],
        kind="saml",
        safety_reason="whom it lets in, the trust policies of the roles say",
        status=Status.ACTIVE,
        evidence=notes.document.at(f"SAMLProviderList[{arn}]"),
    )


def trust_anchors(document: Document) -> Iterator[Row | Problem]:
    """rolesanywhere list-trust-anchors: whose certificates stand for workloads outside AWS."""
    return read_list(document, "trustAnchors", _anchor)


def _anchor(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
    arn = parse_arn(raw["trustAnchorArn"])
    if arn is None or not arn.account:
        raise ValueError("trustAnchorArn is not an ARN")
    yield Federation(
        federation_id=arn.text,
        provider="aws",
        scope=arn.account,
        name=raw["name"],
        kind="x509",
        issuer=(raw.get("source") or {}).get("sourceType"),
        safety_reason="which certificates it takes, the trust policies of the roles say",
        status=STATUSES.get(raw.get("enabled"), Status.UNKNOWN),
        evidence=notes.document.at(f"trustAnchors[{arn.text}]"),
    )


FORMATS = (
    Format(
        name="aws-oidc-providers",
        title='OIDC providers: `aws iam get-open-id-connect-provider`, each wrapped as {"OpenIDConnectProviderArn": …, "Url": …}',
        matches=lambda document: has_page(document, "ClientIDList", "Url"),
        rows=oidc_providers,
    ),
    Format(
        name="aws-saml-providers",
        title="SAML providers: `aws iam list-saml-providers`",
        matches=lambda document: has_page(document, "SAMLProviderList"),
        rows=saml_providers,
    ),
    Format(
        name="aws-trust-anchors",
        title="Roles Anywhere: `aws rolesanywhere list-trust-anchors`",
        matches=lambda document: has_page(document, "trustAnchors"),
        rows=trust_anchors,
    ),
)
