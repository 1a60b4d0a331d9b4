"""A version's release: its chart rendered with the right values, and handed to the target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from release.charts import charts
from release.console import step
from release.errors import ReleaseError
from release.model.deprecation import announced
from release.model.release import Release
from release.targets.target import Target


@dataclass(frozen=True)
class Rollout:
    """Changes the release of one version; whoever calls holds the target's lock."""

    target: Target
    tools: Mapping[str, Path]
    version: int
    namespace: str

    def deploy(
        self,
        domain: str,
        values_files: Sequence[Path],
        reason: str,
        slack_webhook_url: str | None,
    ) -> None:
        """Bring up what the working tree holds, with these values over the target's own."""
        with step("rendering the charts"):
            values = charts.merge(
                self.target.values(
                    self.namespace, self.version, domain, slack=bool(slack_webhook_url)
                ),
                # What was announced outlives a redeploy: a promise is not a setting.
                announced(self.target.current(self.namespace)).as_values(),
                *map(charts.read, values_files),
            )
            release = self._release(values, reason)
        self.target.apply(release, self.tools, slack_webhook_url=slack_webhook_url)

    def amend(self, overlay: Mapping[str, Any]) -> None:
        """Change some values of what runs, and nothing else: neither its code nor its version.

        Raises ReleaseError when nothing runs, or when the working tree holds another version.
        """
        found = self.target.current(self.namespace)
        if found is None:
            raise ReleaseError(
                f"{self.namespace} is not deployed: make deploy VERSION={self.version} first"
            )
        release = self._release(charts.merge(found.values, overlay), "")
        if release.chart_version != found.chart_version:
            raise ReleaseError(
                f"{self.namespace} runs chart {found.chart_version}, and the working tree holds "
                f"{release.chart_version}: make deploy VERSION={self.version} first"
            )
        self.target.apply(release, self.tools, keeps_code=True)

    def _release(self, values: Mapping[str, Any], reason: str) -> Release:
        helm = self.tools["helm"]
        chart = charts.of_version(charts.build(helm, self.target.cache), self.version)
        objects = charts.render(helm, chart, self.namespace, values)
        number = charts.chart_version(chart)
        return Release(self.namespace, self.version, chart, number, values, objects, reason)
