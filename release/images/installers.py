"""Removes pip and other installers from an image. The Dockerfile runs it: standard library only."""

import os
import re
import shutil
from pathlib import Path

_INSTALLERS = re.compile(
    r".*-packages/(pip|setuptools|wheel|pkg_resources|_distutils_hack|distutils-precedence)\b[^/]*"
    r"|.*/python3[^/]*/ensurepip|.*/python-wheels|.*/bin/(pip|wheel)[\d.]*"
)
_NOT_FILES = {"/proc", "/sys", "/dev"}


def remove_installers() -> None:
    for folder, folders, files in os.walk("/"):
        if folder in _NOT_FILES:
            folders.clear()
            continue
        for name in (*folders, *files):
            path = Path(folder, name)
            if not _INSTALLERS.fullmatch(str(path)):
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
                folders.remove(name)
            else:
                path.unlink()


if __name__ == "__main__":
    remove_installers()
