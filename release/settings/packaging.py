"""What images and charts are made of, and where they go."""

from __future__ import annotations

import re
from pathlib import Path

from release.errors import UsageError
from release.images import registries
from release.settings.variables import Variables


class Packaging(Variables):
    """Every accessor raises UsageError."""

    def check(self) -> None:
        super().check()
        registries.read_login(self.environment)
        _ = self.registry, self.oci, self.chart_mirror, self.source_date_epoch
        _ = self.base_image, self.wheelhouse

    @property
    def registry(self) -> str:
        """Where images go, and a cluster finds them; empty for this machine alone."""
        text = self.text("REGISTRY") or ""
        if text and not registries.REGISTRY.fullmatch(text):
            raise UsageError(f"REGISTRY={text!r}: give host:port or host/path, without a scheme")
        return text

    @property
    def pushes(self) -> bool:
        """Whether what is built goes to the registry, which then has to be named."""
        wanted = self.flag("PUSH")
        if wanted and not self.registry:
            raise UsageError("PUSH=1 needs REGISTRY=, as in REGISTRY=registry.example/team")
        return wanted

    @property
    def source_date_epoch(self) -> int | None:
        """The age of what is packaged, in Unix seconds, if the caller says it."""
        text = self.text("SOURCE_DATE_EPOCH")
        if text is not None and not re.fullmatch(r"\d{1,10}", text):
            raise UsageError(f"SOURCE_DATE_EPOCH={text!r}: give Unix seconds")
        return None if text is None else int(text)

    @property
    def oci(self) -> str:
        """The registry that charts go to: oci://host:port/path."""
        text = (self.text("OCI") or "").rstrip("/")
        if text and not registries.REGISTRY.fullmatch(text.removeprefix("oci://")):
            raise UsageError(f"OCI={text!r}: give a registry, as in oci://registry.example/charts")
        if text and not text.startswith("oci://"):
            raise UsageError(f"OCI={text!r}: it begins with oci://")
        return text

    @property
    def base_image(self) -> str | None:
        """The Python that images are made on, if not the Dockerfiles' own choice."""
        text = self.text("BASE_IMAGE")
        if text is not None and not re.fullmatch(r"[\w][\w./:@-]{0,399}", text):
            raise UsageError(f"BASE_IMAGE={text!r}: give an image, as in python:3.11-slim-bookworm")
        return text

    @property
    def wheelhouse(self) -> Path | None:
        """A folder of wheels that images are made from instead of a package index."""
        text = self.text("WHEELHOUSE")
        if text is None:
            return None
        if not any(Path(text).glob("*.whl")):
            raise UsageError(f"WHEELHOUSE={text}: no folder with wheels")
        return Path(text)

    @property
    def chart_mirror(self) -> str:
        """A repository of the charts that `make platform` installs; empty for their own ones."""
        text = self.text("CHART_MIRROR") or ""
        if text and not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?(/[\w./~-]*)?", text):
            raise UsageError(f"CHART_MIRROR={text!r}: give the address of a chart repository")
        return text
