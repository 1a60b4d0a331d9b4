"""Lays out what an image of a service adds to its base; called by the Dockerfiles, so standard
library only: `python3 -m release.images.layers SERVICE VERSION AGE`.
"""

from __future__ import annotations

import compileall
import os
import shutil
import sys
from pathlib import Path
from py_compile import PycInvalidationMode

from release.images import sources


def assemble(service: str, version: int, age: int) -> None:
    """Lay out the layers of a service below /layers, /venv among them; every file of one age.

    The same content is then the same layer, bit for bit, whenever it is built. So bytecode is
    compiled for the content of its source, not for its time.
    """
    code, dependencies, inventory = (Path("/layers", name) for name in ("code", "venv", "owned"))
    sources.copy(service, version, code / "app")
    # What a process is asked before it takes the first request: instrumentation/image_check.py.
    sources.sign(code / "app", service, version)
    # A volume that is mounted there gets the owner of the folder.
    (inventory / "inventory").mkdir(parents=True)
    for folder, seen_as in ((code / "app", "/app"), (Path("/venv"), "/venv")):
        compileall.compile_dir(
            folder,
            quiet=1,
            stripdir=str(folder),
            prependdir=seen_as,
            workers=1,
            invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
        )
    dependencies.mkdir()
    shutil.move("/venv", dependencies)
    for path in (Path("/layers"), *Path("/layers").rglob("*")):
        os.utime(path, (age, age), follow_symlinks=False)


if __name__ == "__main__":
    service, version, age = sys.argv[1:]
    assemble(service, int(version), int(age))
