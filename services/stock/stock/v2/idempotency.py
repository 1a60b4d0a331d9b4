"""Keys that make a purchase happen once, however often it is sent.

The key, the purchase and its response are one transaction: a key without its purchase, or the
reverse, is never visible and does not survive a crash. Two requests with one key wait for each
other in the database, so it works across processes.

Responses that decided about stock are stored: 201 and 409. A 409 too, as the shopper has read 'sold
out': a late duplicate of that request must not sell after the shelf was filled again. A new attempt
takes a new key. No other response is stored. A 4xx is about the request itself; if the 404 of a
t-shirt that does not exist were stored, made-up addresses would fill the table. A 5xx rolls back,
and the request can be sent again.
"""

import hashlib
import json
import re
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    delete,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from werkzeug.exceptions import BadRequest

from ..inventory_errors import IdempotencyKeyReused

LIFETIME = 24 * 60 * 60  # seconds
SWEEP = 20  # expired keys that one purchase deletes

KEYS = Table(
    "idempotency_keys",
    MetaData(),
    Column("key", String, primary_key=True),
    Column("fingerprint", String),
    Column("created_at", BigInteger),
    Column("status", Integer),
    Column("answer", String),
)

StoredResponse = tuple[int, str]
"""A status, and the text that the response is made of."""


def read_key(value: str | None) -> str:
    """Return the Idempotency-Key of a request; raise BadRequest for a malformed one."""
    if value is None:
        raise BadRequest("the header Idempotency-Key is missing")
    if not re.fullmatch("[!-~]{1,255}", value):
        raise BadRequest("Idempotency-Key must be 1 to 255 visible ASCII characters")
    return value


def compute_fingerprint(sku: str, body: dict[str, Any]) -> str:
    """Return a hash that is equal for the same t-shirt and the same JSON, however spelled."""
    return hashlib.sha256(json.dumps([sku, body], sort_keys=True).encode()).hexdigest()


def run_once(
    connection: Connection, key: str, fingerprint: str, handle: Callable[[], StoredResponse]
) -> tuple[StoredResponse, bool]:
    """Return the response of `handle` and False, or the stored one of the same key and True.

    Raises IdempotencyKeyReused if the key belongs to a request with another fingerprint.
    """
    now = int(time.time())
    if not _claim(connection, key, fingerprint, now):
        row = connection.execute(select(KEYS).where(KEYS.c.key == key)).one()
        if row.fingerprint != fingerprint:
            raise IdempotencyKeyReused
        return (row.status, row.answer), True
    _sweep(connection, now)
    status, answer = handle()
    stored = update(KEYS).where(KEYS.c.key == key).values(status=status, answer=answer)
    connection.execute(stored)
    return (status, answer), False


def _claim(connection: Connection, key: str, fingerprint: str, now: int) -> bool:
    # One statement waits for a transaction that holds the key, and takes over an expired one.
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    row = {"key": key, "fingerprint": fingerprint, "created_at": now, "status": 0, "answer": ""}
    claim = dialect.insert(KEYS).values(row)
    claim = claim.on_conflict_do_update(
        index_elements=[KEYS.c.key], set_=row, where=KEYS.c.created_at <= now - LIFETIME
    )
    return connection.execute(claim.returning(KEYS.c.key)).first() is not None


def _sweep(connection: Connection, now: int) -> None:
    # Rows that another purchase clears are skipped: waiting for each other would be a deadlock.
    expired = select(KEYS.c.key).where(KEYS.c.created_at <= now - LIFETIME)
    some = expired.limit(SWEEP).with_for_update(skip_locked=True)
    connection.execute(delete(KEYS).where(KEYS.c.key.in_(some)))
