"""The settings of the instrumentation."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from .deprecation_headers import MAX_UNIX_TIME, DeprecationNotice
from .environment import Environment, SettingsError

MAX_CONSUMERS = 20
RESERVED_CONSUMERS = frozenset({"browser", "other", "Mozilla"})


@dataclass(frozen=True)
class Settings:
    """Read once, at start. `brownout_until` is a Unix time, 0 for never."""

    service: str
    api_version: int
    version: str
    bind_address: str = "127.0.0.1"
    metrics_port: int = 9102
    consumers: tuple[str, ...] = ()
    fault_injection: bool = False
    deprecation: DeprecationNotice | None = None
    brownout_until: int = 0
    access_log: bool = False

    @classmethod
    def from_environment(cls, service: str, environ: Mapping[str, str] = os.environ) -> Self:
        """Read the settings; raise SettingsError, in one line, for a missing or bad one."""
        read = Environment(environ)
        return cls(
            service=service,
            api_version=read.integer("API_VERSION", lowest=1, highest=99),
            version=read.text("SERVICE_VERSION", pattern=r"[0-9A-Za-z][0-9A-Za-z.+-]{0,63}"),
            bind_address=read.text("BIND_ADDRESS", "127.0.0.1", pattern=r"[0-9A-Za-z.:-]{1,255}"),
            metrics_port=read.integer("METRICS_PORT", 9102, lowest=0, highest=65535),
            consumers=_read_consumers(read),
            fault_injection=read.flag("FAULT_INJECTION"),
            deprecation=DeprecationNotice.from_environment(read),
            brownout_until=read.integer("BROWNOUT_UNTIL", 0, lowest=0, highest=MAX_UNIX_TIME),
            access_log=read.flag("ACCESS_LOG"),
        )


def _read_consumers(read: Environment) -> tuple[str, ...]:
    # Every consumer multiplies the number of series, so the list is short.
    text = read.text("CONSUMERS", "", pattern=r"[0-9A-Za-z_., -]{0,1300}")
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if len(names) > MAX_CONSUMERS:
        raise SettingsError(f"CONSUMERS names {len(names)}, at most {MAX_CONSUMERS} are allowed")
    for name in names:
        if name in RESERVED_CONSUMERS or " " in name or len(name) > 63:
            raise SettingsError(f"CONSUMERS: {name!r} cannot be the name of a consumer")
    return names
