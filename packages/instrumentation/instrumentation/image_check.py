"""Checks that an image contains the verified sources.

A tag cannot guarantee that: it stays the same when code changes, and a node may hold an old image
with it. So an image knows the name of its content, and a deploy names the content that it expects.
"""

from pathlib import Path

from .environment import Environment, SettingsError

# In the folder of the packages of the image, where its builder writes it.
_CONTENT_FILE = Path(__file__).parents[1] / "content"


def check_image(read: Environment) -> None:
    """Raise SettingsError if this image has another content than IMAGE_CONTENT."""
    expected = read.text("IMAGE_CONTENT", "", pattern=r"[a-z0-9-]{0,100}")
    if not expected:
        return
    content = _CONTENT_FILE.read_text().strip() if _CONTENT_FILE.is_file() else "of unknown content"
    if content != expected:
        raise SettingsError(
            f"IMAGE_CONTENT={expected}, but this image is {content}: make images, or make deploy"
        )
