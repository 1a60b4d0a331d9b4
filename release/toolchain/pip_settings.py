"""Where pip takes packages from during the build of an image: from where it does on this machine.

An index may have a password in its address, so the settings are secrets of the build.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

from release.errors import ReleaseError
from release.files import private_folder, write
from release.toolchain.subprocesses import run

_PASSED_ON = ("index-url", "extra-index-url", "trusted-host", "proxy", "timeout")
_WHEELHOUSE = "no-index = true\nfind-links = /build/wheelhouse\n"


def write_secrets(folder: Path, *, offline: bool) -> dict[str, Path]:
    """The secrets that the Dockerfiles know, by name; `offline` allows the wheelhouse alone."""
    settings = {} if offline else _of_this_machine()
    lines = [f"{name} = {settings[name]}\n" for name in _PASSED_ON if name in settings]
    secrets = {"pip.conf": private_folder(folder) / "pip.conf"}
    if certificate := settings.get("cert"):
        secrets["ca.pem"] = folder / "ca.pem"
        lines.append("cert = /run/secrets/ca.pem\n")
        try:
            write(secrets["ca.pem"], Path(certificate).read_text())
        except OSError as error:
            raise ReleaseError(f"pip's cert {certificate}: {error.strerror}") from error
    write(secrets["pip.conf"], "[global]\n" + (_WHEELHOUSE if offline else "".join(lines)))
    return secrets


def _of_this_machine() -> dict[str, str]:
    """pip's settings for `pip install`; the environment wins over files."""
    said = run([sys.executable, "-m", "pip", "config", "list"], timeout=60)
    return {
        name: " ".join(str(ast.literal_eval(value)).split())
        for section in ("global", "install", ":env:")
        for name, value in re.findall(rf"^{section}\.([\w-]+)=(.+)$", said, re.MULTILINE)
    }
