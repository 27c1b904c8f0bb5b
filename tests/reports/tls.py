"""TLS in front of the dashboard, as a reverse proxy ends it: what a browser sends comes out as plain HTTP on another port, unchanged.

`python -m tests.reports.tls PORT BEHIND CERTIFICATE`, a process of its own.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


async def main(port: int, behind: int, pem: Path) -> None:
    """Listen on a port of the loopback address until the process is ended, under a certificate that nobody signed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    serving = await asyncio.start_server(lambda reader, writer: _join(reader, writer, behind), "127.0.0.1", port, ssl=context)
    await serving.serve_forever()


async def _join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, behind: int) -> None:
    """Both directions of one connection, until either side ends it."""
    other_reader, other_writer = await asyncio.open_connection("127.0.0.1", behind)
    await asyncio.gather(_copy(reader, other_writer), _copy(other_reader, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    with suppress(OSError):
        writer.close()


def certificate(path: Path, host: str) -> Path:
    """Write a key and its certificate for a host, signed by nobody else, into one PEM file that `path` names."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(
            name, name, key.public_key(), x509.random_serial_number(), now - timedelta(hours=1), now + timedelta(days=1)
        )
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(plain + made.public_bytes(serialization.Encoding.PEM))
    return path


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), certificate(Path(sys.argv[3]), "localhost")))
