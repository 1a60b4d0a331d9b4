"""One revision of a release: handed to Helm, watched until it is ready, taken back if it is not."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from release.console import note, step
from release.errors import NotReadyError, ReleaseError, ToolError
from release.release import ENTRYPOINT, Release
from release.targets.kubernetes import readiness, routing
from release.targets.kubernetes.api import Api
from release.targets.kubernetes.helm import Helm
from release.targets.kubernetes.records import FORCED, PENDING, Records
from release.targets.kubernetes.traefik import Traefik
from release.targets.kubernetes.trouble import Trouble, Watch

_LIMIT = 300.0
_KEPT = {ENTRYPOINT: 100}
"""Revisions that Helm keeps of a release; the entry point's are the history of who moved what."""


@dataclass(frozen=True)
class Rollout:
    """Whoever calls holds the target's lock."""

    api: Api
    helm: Helm
    records: Records
    traefik: Traefik
    release: Release

    def run(self) -> None:
        """Raises ReleaseError, naming the object and the reason; what ran before runs on."""
        namespace = self.release.namespace
        self._recover()
        before = self.records.current(namespace)
        watch = Watch(self.api, namespace, self.api.clock())
        with step(f"helm upgrade {namespace}"):
            self._attempt(watch, self._upgrade)
        try:
            with step(f"waiting for {namespace} to be ready"):
                self._await(watch)
                routing.await_routes(self.traefik, self.release)
        except (ReleaseError, KeyboardInterrupt, SystemExit) as error:
            self._take_back(before.number if before else 0)
            if isinstance(error, ReleaseError):
                raise self._worded(error, before is not None) from error
            raise

    def reroute(self) -> None:
        """Change routes and nothing else; it counts once Traefik shows them."""
        self._recover()
        self._upgrade()
        routing.await_routes(self.traefik, self.release)

    def _upgrade(self) -> None:
        release = self.release
        self.helm.upgrade(
            release.namespace,
            release.namespace,
            release.chart,
            release.values,
            keep=_KEPT.get(release.namespace, 10),
            description=FORCED + release.reason if release.reason else "",
        )

    def _recover(self) -> None:
        """Put right what a command that was killed has left; nobody else is at work."""
        namespace = self.release.namespace
        last = self.records.last(namespace)
        if last is None or last.status not in PENDING:
            return
        current = self.records.current(namespace)
        note(f"{namespace}: the last change was broken off; going back to before it")
        if current:
            self.helm.rollback(namespace, current.number)
        else:
            self.helm.uninstall(namespace)

    def _attempt(self, watch: Watch, change: Callable[[], None]) -> None:
        """Have Helm work, and see what the cluster says meanwhile: Helm itself would only tell
        that a migration did not end in time.
        """
        with ThreadPoolExecutor(1) as pool:
            work = pool.submit(change)
            trouble: Trouble | None = None
            while not work.done():
                trouble = trouble or watch.lasting()
                time.sleep(0.5)
        try:
            work.result()
        except ToolError as error:
            found = trouble or next(iter(watch.all()), None)
            before = self.records.current(self.release.namespace) is not None
            raise self._worded(NotReadyError(str(found or error)), before) from error

    def _await(self, watch: Watch) -> None:
        deadline = time.monotonic() + _LIMIT
        while True:
            missing = readiness.waiting_for(self.api, self.release.namespace, self.release.objects)
            if not missing:
                return
            trouble = watch.lasting()
            if trouble or time.monotonic() > deadline:
                found = trouble or next(iter(watch.all()), None)
                raise NotReadyError(str(found or "; ".join(missing)), self._log(found))
            time.sleep(0.5)

    def _take_back(self, before: int) -> None:
        namespace = self.release.namespace
        with step(f"going back to revision {before}" if before else f"removing {namespace}"):
            if before:
                self.helm.rollback(namespace, before)
            else:
                self.helm.uninstall(namespace)

    def _worded(self, error: ReleaseError, ran: bool) -> NotReadyError:
        rest = "what ran before runs on" if ran else "nothing of it is left"
        namespace = self.release.namespace
        return NotReadyError(
            f"{namespace} did not become ready: {error}; {rest}", getattr(error, "log", "")
        )

    def _log(self, trouble: Trouble | None) -> str:
        if trouble is None or trouble.reason != "CrashLoopBackOff":
            return ""
        path = f"/api/v1/namespaces/{self.release.namespace}/pods/{trouble.pod}/log"
        return self.api.text(path, {"previous": "true", "tailLines": "20"})
