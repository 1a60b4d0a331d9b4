"""Lays out the layers of an image: `python3 -m release.images.layers SERVICE VERSION AGE`.

The Dockerfile calls it, so it uses the standard library only.
"""

import compileall
import os
import shutil
import sys
from pathlib import Path
from py_compile import PycInvalidationMode

from release.images import contents


def assemble(service: str, version: int, age: int) -> None:
    """Lay out the layers of a service below /layers, and move /venv there.

    The same content makes the same layer, bit for bit: every file gets the time `age`, and bytecode
    depends on the content of its source instead of its time.
    """
    code, dependencies, inventory = (Path("/layers", name) for name in ("code", "venv", "owned"))
    contents.copy_image(service, version, code / "app")
    # instrumentation/image_check.py checks it before the first request.
    contents.write_content_name(code / "app", service, version)
    # A volume mounted on the folder gets the owner of the folder.
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
