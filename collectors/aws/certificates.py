"""From when to when a certificate holds: the one thing that is read of it. Its names and keys are not looked at, nor is its signature."""

from __future__ import annotations

import base64
import re
from datetime import datetime

PEM = re.compile(r"-----BEGIN CERTIFICATE-----\s+([A-Za-z0-9+/=\s]+?)-----END CERTIFICATE-----")
VERSION, UTC_TIME, GENERALIZED_TIME = 0xA0, 0x17, 0x18
NO_END = datetime(9999, 12, 31, 23, 59, 59)
"""Stands for no well-defined expiry. https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.5"""

Parts = list[tuple[int, bytes]]
"""Tag and content of the elements of a DER sequence."""


def validity(pem: str) -> tuple[datetime, datetime]:
    """notBefore and notAfter (UTC, naive) of the first certificate. Raises ValueError."""
    found = PEM.search(pem)
    if not found:
        raise ValueError("it is not a certificate in PEM")
    try:
        whole = _parts(base64.b64decode(found[1]))[0][1]
        fields = _parts(_parts(whole)[0][1])
        fields = fields[1:] if fields[0][0] == VERSION else fields
        dates = _parts(fields[3][1])  # serial number, algorithm, issuer, validity
        return _moment(*dates[0]), _moment(*dates[1])
    except IndexError as error:
        raise ValueError("the certificate breaks off") from error


def _parts(data: bytes) -> Parts:
    found: Parts = []
    at = 0
    while at < len(data):
        tag, length, begin = data[at], data[at + 1], at + 2
        if length & 0x80:  # the next bytes say how long it is
            begin += length & 0x7F
            length = int.from_bytes(data[at + 2 : begin], "big")
        at = begin + length
        if at > len(data):
            raise ValueError("the certificate breaks off")
        found.append((tag, data[begin:at]))
    return found


def _moment(tag: int, text: bytes) -> datetime:
    """Of two-digit years those from 50 on are of the last century. https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.5.1"""
    if tag == UTC_TIME:
        text = (b"19" if text[:2] >= b"50" else b"20") + text
    elif tag != GENERALIZED_TIME:
        raise ValueError("the certificate has something else where its dates belong")
    return datetime.strptime(text.decode("ascii"), "%Y%m%d%H%M%SZ")
