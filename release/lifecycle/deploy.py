"""Deploy a version: gate, render, apply, and remove the tombstone of its host names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from release import contracts
from release.charts import rendering
from release.console import step
from release.errors import ReleaseError
from release.lifecycle import contract_gate
from release.lifecycle.entrypoint import EntryPoint
from release.model import services
from release.model.deprecation import announced
from release.model.release import Release
from release.targets.target import Target, fetch_tools


def deploy(
    target: Target,
    version: int,
    namespace: str,
    *,
    domain: str,
    values_files: Sequence[Path] = (),
    force: str = "",
    slack_webhook_url: str | None = None,
) -> None:
    """Bring up one version, or replace the running release without a failed request.

    Raises RefusedError when a contract breaks and `force` gives no reason to deploy anyway.
    """
    target.check()
    fetch_tools(target)
    with target.lock(f"make deploy VERSION={version}"):
        reason = contract_gate.check(version, force)
        release = VersionRelease(target, version, namespace)
        release.install(domain, values_files, reason, slack_webhook_url)
        EntryPoint(target).remove_tombstone(namespace)


@dataclass(frozen=True)
class VersionRelease:
    """Changes the release of one version. The caller holds the target's lock."""

    target: Target
    version: int
    namespace: str

    def install(
        self,
        domain: str,
        values_files: Sequence[Path],
        reason: str,
        slack_webhook_url: str | None,
    ) -> None:
        """Install the working tree. The values files override the target's own values."""
        with step("rendering the charts"):
            values = rendering.merge_values(
                self.target.values(
                    self.namespace, self.version, domain, slack=bool(slack_webhook_url)
                ),
                consumer_values(),
                # A deprecation is a promise to consumers, so it outlives a redeploy.
                announced(self.target.current(self.namespace)).as_values(),
                *map(rendering.read_values, values_files),
            )
            release = self._render(values, reason)
        self.target.apply(release, slack_webhook_url=slack_webhook_url)

    def change_values(self, overlay: Mapping[str, Any]) -> None:
        """Change some values of the running release; its code and version stay.

        Raises ReleaseError when nothing runs, or when the working tree holds another version.
        """
        deployed = self.target.current(self.namespace)
        if deployed is None:
            raise ReleaseError(
                f"{self.namespace} is not deployed: make deploy VERSION={self.version} first"
            )
        release = self._render(rendering.merge_values(deployed.values, overlay), "")
        if release.chart_version != deployed.chart_version:
            raise ReleaseError(
                f"{self.namespace} runs chart {deployed.chart_version}, and the working tree holds "
                f"{release.chart_version}: make deploy VERSION={self.version} first"
            )
        self.target.apply(release, keeps_code=True)

    def _render(self, values: Mapping[str, Any], reason: str) -> Release:
        helm = self.target.tools["helm"]
        chart = rendering.version_chart(
            rendering.build_charts(helm, self.target.cache), self.version
        )
        objects = rendering.render_chart(helm, chart, self.namespace, values)
        chart_version = rendering.read_chart_version(chart)
        return Release(self.namespace, self.version, chart, chart_version, values, objects, reason)


def consumer_values() -> dict[str, Any]:
    """Return the values that name the consumers of each service in its metrics."""
    return services.release_values(
        {name: {"consumers": list(contracts.named_in_metrics(name))} for name in services.NAMES}
    )
