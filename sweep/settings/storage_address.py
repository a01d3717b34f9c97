"""The address of a database: what is accepted, and how no password is ever shown.

A password in an address would stand in the list of processes, in the history of the shell and in
the manifest of the run. So there is none: libpq finds it in PGPASSWORD or in ~/.pgpass.
"""

import re
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

NONE: Final = "none"
POSTGRESQL: Final = "postgresql+psycopg"
FORMS: Final = "give postgresql+psycopg://USER@HOST/DATABASE, sqlite:///FILE or none"
LONGEST: Final = 2000
PARAMETERS: Final = frozenset(  # of libpq, that say where the server is and how it is reached
    {
        "channel_binding", "connect_timeout", "gssencmode", "host", "options", "passfile", "port",
        "require_auth", "service", "sslcert", "sslcrl", "sslkey", "sslmode", "sslrootcert",
        "target_session_attrs",
    }
)  # fmt: skip

_IN_ADDRESS: Final = re.compile(r"(://[^\s:/@]*):\S*@")
_CUT_OFF: Final = re.compile(  # an address that was shortened within its password
    r"((?:postgres|mysql|mariadb|mssql|oracle|redis|mongodb)[\w+]*://[^\s:/@]*):(?!\d+\b|\*\*\*@)\S+"
)
_AS_PARAMETER: Final = re.compile(r"(?i)(password\s*=\s*)[^\s&'\"]+")


def read_address(text: str) -> str | None:
    """Return an address as it is kept: with its driver, or with the whole path of its file.

    Args:
        text: As the user wrote it.

    Returns:
        None for ``none``.

    Raises:
        ValueError: It is not accepted; the message shows nothing that could be a password.
    """
    if text == NONE:
        return None
    scheme, separator, rest = text.partition("://")
    if not separator or len(text) > LONGEST or not text.isprintable():
        msg = f"it is not the address of a database; {FORMS}"
        raise ValueError(msg)
    if scheme in {"postgresql", POSTGRESQL}:
        _check_server(rest)
        return f"{POSTGRESQL}://{rest}"
    if scheme == "sqlite":
        return _file_address(rest)
    known = scheme if re.fullmatch(r"[A-Za-z0-9+.-]{1,40}", scheme) else "this"
    msg = f"{known} is not a kind of database that is supported; {FORMS}"
    raise ValueError(msg)


def mask_passwords(text: str) -> str:
    """Put *** in place of every password in addresses and connection strings within a text."""
    masked = _CUT_OFF.sub(r"\1:***", _IN_ADDRESS.sub(r"\1:***@", text))
    return _AS_PARAMETER.sub(r"\1***", masked)


def _check_server(rest: str) -> None:
    """Refuse what has a password, however it is written, and what libpq would not understand."""
    user = unquote(rest.rpartition("@")[0])  # whatever a password is made of, @ and / included
    if ":" in user or re.search(r"password\s*=", unquote(rest), re.IGNORECASE):
        msg = (
            "it holds a password, which others could read; leave it out, and set PGPASSWORD or"
            " write it into ~/.pgpass"
        )
        raise ValueError(msg)
    if re.search(r"[\s{}#]", rest):
        msg = "it has a blank, a brace or #; write them as %20, %7B, %7D and %23"
        raise ValueError(msg)
    try:
        parts = urlsplit(f"//{rest}")
        _ = parts.port  # is read, and judged, only now
        names = {name for name, _ in parse_qsl(parts.query, True, True)}  # noqa: FBT003 - as named there
    except ValueError:
        msg = f"it is not the address of a server; {FORMS}"
        raise ValueError(msg) from None  # whose message may quote it
    if names - PARAMETERS:
        msg = f"it has a parameter that is none of {', '.join(sorted(PARAMETERS))}; leave it out"
        raise ValueError(msg)


def _file_address(rest: str) -> str:
    if len(rest) < 2 or rest[0] != "/" or rest[1:] == ":memory:" or "?" in rest:
        msg = "it names no file; give sqlite:///FILE, where FILE is a path without ?"
        raise ValueError(msg)
    return f"sqlite:///{Path(rest[1:]).absolute()}"
