"""Errors for the user: each is one line that says what is wrong, what was found and what to do."""


class ReleaseError(Exception):
    """A foreseeable failure; the command exits with `exit_code`."""

    exit_code = 1


class ToolError(ReleaseError):
    """A program is missing, too old, or failed."""


class ChartError(ReleaseError):
    """Helm refused the charts or the values."""


class UnsupportedError(ReleaseError):
    """A rendered object has a kind or a field that the target does not implement."""


class NotReadyError(ReleaseError):
    """A release did not become ready in time; `log` is the tail of its log."""

    def __init__(self, message: str, log: str = "") -> None:
        super().__init__(message)
        self.log = log


class RefusedError(ReleaseError):
    """A gate refuses; most gates can be forced with a reason."""


class LockedError(ReleaseError):
    """Another command is changing the same state."""


class NotAllowedError(ReleaseError):
    """The cluster denies the caller a permission."""


class ConflictError(ReleaseError):
    """Another command has changed the entry point since the caller read it."""


class RolledBackError(ReleaseError):
    """A version failed its shift: all traffic is back on the other one."""


class UnansweredError(ReleaseError):
    """A Prometheus, a Traefik or a cluster does not answer a query."""


class UsageError(ReleaseError):
    """A setting is missing or has an invalid value."""

    exit_code = 2
