"""Whether an image holds the sources that somebody verified.

A tag does not say it: it is of a version, stays when code is edited, and may lie on a node since
last week. So an image knows the name of its content, and whoever deploys says which one they mean.
"""

from pathlib import Path

from .environment import Environment, SettingsError

# Beside the packages of the image, where release/images/contents.py writes it.
_WRITTEN = Path(__file__).parents[1] / "content"


def check_content(read: Environment) -> None:
    """Raises SettingsError when IMAGE_CONTENT names another content than this image has."""
    wanted = read.text("IMAGE_CONTENT", "", pattern=r"[a-z0-9-]{0,100}")
    if not wanted:
        return
    found = _WRITTEN.read_text().strip() if _WRITTEN.is_file() else "of unknown content"
    if found != wanted:
        raise SettingsError(
            f"IMAGE_CONTENT={wanted}, but this image is {found}: make images, or make deploy"
        )
