"""Keys that make a purchase happen once, however often it is sent.

The key, the purchase and its answer are one transaction: a key without its purchase, or the other
way round, cannot be seen by anybody and does not survive a crash. Two requests with one key wait
for each other in the database, so it works across processes.

Answers that decided about stock are kept: 201 and 409. A 409 too, since the shopper was told 'sold
out': a late duplicate of that request must not sell after the shelf was filled again. Who wants to
try again takes a new key. Nothing else is kept: 4xx about the request itself (among them the 404 of
a t-shirt that does not exist, or made-up addresses would fill the table) and 5xx, which roll back
and can be sent again.
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

from ..inventory_errors import KeyReused

LIFETIME = 24 * 60 * 60  # seconds
SWEEP = 20  # expired keys that one purchase clears away

KEYS = Table(
    "idempotency_keys",
    MetaData(),
    Column("key", String, primary_key=True),
    Column("fingerprint", String),
    Column("created_at", BigInteger),
    Column("status", Integer),
    Column("answer", String),
)

Answer = tuple[int, str]


def read_key(value: str | None) -> str:
    """The Idempotency-Key of a request; BadRequest unless it is 1 to 255 visible characters."""
    if value is None:
        raise BadRequest("the header Idempotency-Key is missing")
    if not re.fullmatch("[!-~]{1,255}", value):
        raise BadRequest("Idempotency-Key must be 1 to 255 visible ASCII characters")
    return value


def fingerprint(sku: str, body: dict[str, Any]) -> str:
    """What a key stands for: equal for the same t-shirt and the same body, however spelled."""
    return hashlib.sha256(json.dumps([sku, body], sort_keys=True).encode()).hexdigest()


def once(
    connection: Connection, key: str, request: str, act: Callable[[], Answer]
) -> tuple[Answer, bool]:
    """The answer of `act`, and whether it is an earlier one of the same key that is repeated.

    Raise KeyReused when the key stands for a request with another fingerprint.
    """
    now = int(time.time())
    if not _claim(connection, key, request, now):
        row = connection.execute(select(KEYS).where(KEYS.c.key == key)).one()
        if row.fingerprint != request:
            raise KeyReused
        return (row.status, row.answer), True
    _sweep(connection, now)
    status, answer = act()
    kept = update(KEYS).where(KEYS.c.key == key).values(status=status, answer=answer)
    connection.execute(kept)
    return (status, answer), False


def _claim(connection: Connection, key: str, request: str, now: int) -> bool:
    # Waits for a transaction that holds the key and takes an expired one over, in one statement.
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    row = {"key": key, "fingerprint": request, "created_at": now, "status": 0, "answer": ""}
    claim = dialect.insert(KEYS).values(row)
    claim = claim.on_conflict_do_update(
        index_elements=[KEYS.c.key], set_=row, where=KEYS.c.created_at <= now - LIFETIME
    )
    return connection.execute(claim.returning(KEYS.c.key)).first() is not None


def _sweep(connection: Connection, now: int) -> None:
    # Skips what another purchase is clearing: waiting for each other would end in a deadlock.
    expired = select(KEYS.c.key).where(KEYS.c.created_at <= now - LIFETIME)
    some = expired.limit(SWEEP).with_for_update(skip_locked=True)
    connection.execute(delete(KEYS).where(KEYS.c.key.in_(some)))
