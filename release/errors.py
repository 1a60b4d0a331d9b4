"""Every error that a person is meant to read: one line, what was wrong, what was found, what to do.

ReleaseError            something failed              exit code 1
|-- ToolError           a program cannot be had, or failed
|-- ChartError          the charts cannot be built or rendered
|-- UnsupportedError    a rendered object asks for what the target cannot do
|-- NotReadyError       a release did not become ready; carries the tail of its log
|-- RefusedError        a gate says no
|-- LockedError         somebody else is at work
|-- NotAllowedError     a cluster does not let the caller do it
|-- ConflictError       somebody else moved the traffic
|-- RolledBackError     a version did not prove itself
|-- UnansweredError     a Prometheus, a Traefik or a cluster cannot be asked
`-- UsageError          the caller asked for the impossible   exit code 2
"""

from __future__ import annotations


class ReleaseError(Exception):
    """A foreseeable failure."""

    exit_code = 1


class ToolError(ReleaseError):
    """A program that we need is missing, too old, or failed."""


class ChartError(ReleaseError):
    """Helm refused the charts or the values."""


class UnsupportedError(ReleaseError):
    """A kind or a field that would change behaviour and that the target does not understand."""


class NotReadyError(ReleaseError):
    """A release did not become ready in time; `log` is the tail of what it said."""

    def __init__(self, message: str, log: str = "") -> None:
        super().__init__(message)
        self.log = log


class RefusedError(ReleaseError):
    """A gate says no; it can be forced by naming the reason."""


class LockedError(ReleaseError):
    """Another command is changing the same state."""


class NotAllowedError(ReleaseError):
    """The caller's rights in a cluster do not reach so far."""


class ConflictError(ReleaseError):
    """The entry point is no longer as it was when the caller looked."""


class RolledBackError(ReleaseError):
    """A version did not prove itself: everybody is back with the other one."""


class UnansweredError(ReleaseError):
    """Who knows cannot be asked, which is never good news."""


class UsageError(ReleaseError):
    """A setting is missing or has a value that means nothing."""

    exit_code = 2
