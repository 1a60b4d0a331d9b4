"""The image suffices, and holds no code of another service."""

import json
import os
import subprocess
import sys
from pathlib import Path

from release.images import contents


def test_the_image_suffices_and_holds_no_other_service(tmp_path: Path) -> None:
    image = tmp_path / "image"
    contents.copy_image("notice", 1, image)
    assert {each.name for each in image.iterdir()} == {
        "instrumentation",
        "notice",
        "requirements.txt",
    }
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(image),
        "API_VERSION": "1",
        "SERVICE_VERSION": "1.0.0",
        "NOTICES": json.dumps({"live": [1], "tombstones": {}}),
    }
    ask = "from notice.app import create_app; print(create_app().test_client().get('/').status)"
    command = [sys.executable, "-c", ask]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "400 BAD REQUEST\n"), done.stderr
