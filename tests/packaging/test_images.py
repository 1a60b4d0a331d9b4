"""`make images`: what is in them, what is not, how they run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from release.images import build, contents
from release.model import services
from tests.charts.rendering import Helm, program
from tests.conftest import ROOT, clean_environment, eventually, free_port
from tests.packaging import engine

REGISTRY = f"127.0.0.1/test-images-{os.getpid()}"
TAGS = {
    **{f"{name}-{number}": f"{name}:{number}.0.0" for number in "12" for name in services.NAMES},
    "notice-1": "notice:1.0.0",
}


def on_base() -> str:
    return f"BASE_IMAGE={engine.base()}"


@pytest.fixture(scope="module")
def images() -> Iterator[dict[str, str]]:
    """The reference of each image, by service and version; built once."""
    built = engine.make("images", on_base(), f"REGISTRY={REGISTRY}").stdout.split()
    assert built == [f"{REGISTRY}/shop/{tag}" for tag in TAGS.values()]
    yield dict(zip(TAGS, built, strict=True))
    engine.run("rmi", *built)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with everything that the images of version 2 need, and pip."""
    folder = tmp_path_factory.mktemp("wheels")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
    for name in services.IMAGES:
        requirements = str(ROOT / "requirements" / f"{name}.txt")
        subprocess.run([*pip, "--require-hashes", "--requirement", requirements], check=True)
    subprocess.run([*pip, "pip"], check=True)
    return folder


@pytest.mark.parametrize("name", TAGS)
def test_the_code_is_that_of_the_local_target(
    name: str, images: dict[str, str], tmp_path: Path
) -> None:
    service, version = name.split("-")
    container = engine.run("create", images[name]).strip()
    engine.run("cp", f"{container}:/app", tmp_path / "image")
    engine.run("rm", container)
    written = tmp_path / "image" / "content"
    said = written.read_text().strip()
    written.unlink()
    digest = contents.hash_folders(tmp_path / "image")
    assert digest == contents.hash_image(service, int(version))
    label = engine.inspect(images[name])["Config"]["Labels"]["parallel-releases.content"]
    assert said == label == f"{service}-v{version}-{digest[:16]}"


def test_it_does_not_start_for_whoever_means_another_content(images: dict[str, str]) -> None:
    meant = ("--env", "IMAGE_CONTENT=stock-v2-0123456789abcdef")
    migration = ("--entrypoint", "python", images["stock-2"], "-m", "stock.migrate")
    for container in ((images["stock-2"],), migration):
        said = engine.refused("run", "--rm", *meant, *container)
        assert "IMAGE_CONTENT=stock-v2-0123456789abcdef, but this image is stock-v2-" in said


@pytest.mark.parametrize(("name", "other"), [("stock-1", "v2*"), ("stock-2", "v1")])
def test_nothing_of_the_other_version_is_in_it(
    name: str, other: str, images: dict[str, str]
) -> None:
    assert engine.shell(images[name], f"find /app -name '{other}'") == ""


@pytest.mark.parametrize("name", TAGS)
def test_nothing_that_installs_or_builds_is_left(name: str, images: dict[str, str]) -> None:
    names = ("pip", "pip[0-9]*", "pip-*", "setuptools*", "wheel", "ensurepip", "*.whl", "gcc", "cc")
    wanted = " -o ".join(f"-name '{each}'" for each in names)
    ignored = "-path /proc -prune -o -path /var/lib/dpkg -prune -o -path /usr/share -prune -o"
    assert engine.shell(images[name], f"find / {ignored} \\( {wanted} \\) -print") == ""
    left = "-path /proc -prune -o \\( -name .cache -o -path '/build*' -o -path '/run/secrets/*' \\)"
    assert engine.shell(images[name], f"find / {left} -print") == ""


@pytest.mark.parametrize("name", TAGS)
def test_it_runs_as_a_numeric_user_who_can_change_nothing(
    name: str, images: dict[str, str]
) -> None:
    assert engine.inspect(images[name])["Config"]["User"] == "10001:10001"
    writable = "find / -xdev -writable -not -type l -not -path '/proc/*' -not -path '/dev/*'"
    found = engine.run(
        "run", "--rm", "--entrypoint", "sh", images[name], "-c", f"{writable} 2>/dev/null; true"
    ).split()
    shared = {"/tmp", "/var/tmp", "/run/lock"}
    assert set(found) - shared == ({"/inventory"} if name.startswith("stock") else set())


def test_the_entry_point_is_the_command_of_the_charts(
    images: dict[str, str], tmp_path: Path
) -> None:
    helm = Helm(program("helm"), tmp_path)
    for version in ("1", "2"):
        release = helm.render(f"catalog/v{version}")
        for service in services.NAMES:
            deployment = release.one("Deployment", service)
            [container] = deployment["spec"]["template"]["spec"]["containers"]
            image = images[f"{service}-{version}"]
            assert image == f"{REGISTRY}/{container['image']}"
            assert engine.inspect(image)["Config"]["Entrypoint"] == container["command"]


def test_labels_tell_version_and_revision(images: dict[str, str]) -> None:
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
    for name, reference in images.items():
        labels = engine.inspect(reference)["Config"]["Labels"]
        assert labels["org.opencontainers.image.title"] == name.split("-")[0]
        assert labels["org.opencontainers.image.version"] == reference.rpartition(":")[2]
        assert labels["org.opencontainers.image.revision"] in (head, f"{head}+")


@pytest.fixture(scope="module")
def inventory() -> Iterator[str]:
    """A fresh volume: it gets the owner that the image says."""
    volume = engine.run("volume", "create").strip()
    yield volume
    engine.run("volume", "rm", volume)


@pytest.mark.parametrize(("version", "path"), [("1", "/t-shirt"), ("2", "/t-shirts")])
def test_stock_migrates_and_serves_with_no_rights_at_all(
    version: str, path: str, images: dict[str, str], inventory: str
) -> None:
    port = free_port()
    options = ["--volume", f"{inventory}:/inventory", "--env"]
    options += ["DATABASE_URL=sqlite:////inventory/inventory.db"]
    migration = ["run", "--rm", "--read-only", "--cap-drop", "ALL", *options, "--entrypoint"]
    migrated = engine.run(*migration, "python", images[f"stock-{version}"], "-m", "stock.migrate")
    assert f"to {version}" in migrated
    publish = ["--publish", f"127.0.0.1:{port}:8080"]
    with engine.running(images[f"stock-{version}"], *options, *publish) as container:
        answer = wait_for(f"http://127.0.0.1:{port}{path}")
        assert "surfer-t-shirt" in answer.text
        assert engine.run("exec", container, "id", "-u").strip() == "10001"
        engine.run("stop", "--time", "20", container)
        # 137 would be a process that had to be killed.
        assert engine.inspect(container)["State"]["ExitCode"] == 0


def test_notice_speaks(images: dict[str, str]) -> None:
    port = free_port()
    notices = 'NOTICES={"live": [1, 2], "tombstones": {}}'
    options = ["--publish", f"127.0.0.1:{port}:8080", "--env", notices]
    with engine.running(images["notice-1"], *options):
        answer = wait_for(f"http://127.0.0.1:{port}/", status=400)
        assert answer.json()["live"] == [1, 2]


def wait_for(address: str, status: int = 200) -> requests.Response:
    found: list[requests.Response] = []

    def answers() -> bool:
        try:
            found.append(requests.get(address, timeout=5))
        except requests.ConnectionError:
            return False
        return found[-1].status_code == status

    eventually(answers, what=address)
    return found[-1]


def test_built_again_by_hand_the_layers_are_the_same(tmp_path: Path) -> None:
    secrets = build.write_pip_secrets(tmp_path / "secrets", offline=False)
    arguments = {
        "BASE_IMAGE": engine.base(),
        "SERVICE": "stock",
        "VERSION": "2",
        "RELEASE": "2.0.0",
    }
    options = [part for item in arguments.items() for part in ("--build-arg", "=".join(item))]
    for name, path in secrets.items():
        options += ["--secret", f"id={name},src={path}"]
    layers = []
    for attempt in ("first", "second"):
        # Another checkout: the times of its files are others.
        context = tmp_path / attempt
        checkout(context)
        reference = f"{REGISTRY}/again:{attempt}"
        dockerfile = context / "services" / "Dockerfile"
        engine.run(
            "build", "--no-cache", "--quiet", *options, "--file", dockerfile, "--tag", reference,
            context,
        )  # fmt: skip
        layers.append(engine.inspect(reference)["RootFS"]["Layers"])
        engine.run("rmi", reference)
    base = len(engine.inspect(engine.base())["RootFS"]["Layers"])
    # Of the base, and of what removes pip from it: a removal has the time at which it was made.
    once, again = (each[base + 1 :] for each in layers)
    assert len(once) >= 3
    assert once == again


def checkout(folder: Path) -> None:
    ignored = shutil.ignore_patterns(".git", ".venv", ".tools", ".state*", ".*_cache", ".charts*")
    shutil.copytree(ROOT, folder, ignore=ignored, symlinks=True, copy_function=shutil.copyfile)


def test_a_wheelhouse_replaces_index_and_pip(wheels: Path) -> None:
    bare = f"{REGISTRY}/bare:1"
    removal = (
        f"FROM {engine.base()}\nUSER 0\nRUN find / -xdev -depth -path '*-packages/pip*' -delete"
    )
    subprocess.run(
        [engine.engine(), "build", "--quiet", "--tag", bare, "-"],
        input=removal, text=True, check=True, capture_output=True,
        env=os.environ | {"DOCKER_BUILDKIT": "1"},
    )  # fmt: skip
    built = engine.make(
        "images", "VERSION=2", f"BASE_IMAGE={bare}", f"WHEELHOUSE={wheels}",
        f"REGISTRY={REGISTRY}/bare", exported={"PIP_INDEX_URL": "http://127.0.0.1:9/none"},
    )  # fmt: skip
    for reference in built.stdout.split():
        version = engine.run(
            "run", "--rm", "--entrypoint", "python", reference, "-m", "gunicorn", "-v"
        )
        assert "gunicorn" in version
        engine.run("rmi", reference)
    engine.run("rmi", bare)


def test_a_wheel_that_is_missing_is_named(wheels: Path, tmp_path: Path) -> None:
    for wheel in wheels.iterdir():
        if not wheel.name.startswith("requests-"):
            shutil.copy2(wheel, tmp_path)
    done = engine.make(
        "images", on_base(), f"WHEELHOUSE={tmp_path}", f"REGISTRY={REGISTRY}", check=False
    )
    assert done.returncode == 2
    assert re.search(r"^error: \S+catalog:1.0.0 does not build: .*requests", done.stderr, re.M)


def test_the_password_of_an_index_is_shown_to_nobody(tmp_path: Path) -> None:
    checkout(tmp_path / "edited")
    requirements = tmp_path / "edited" / "requirements" / "catalog.txt"
    # What was never built like this is downloaded, from an index that does not answer.
    requirements.write_text(f"# {tmp_path.name} {os.getpid()}\n{requirements.read_text()}")
    variables = {"BASE_IMAGE": engine.base(), "REGISTRY": REGISTRY, "PIP_RETRIES": "0"}
    variables |= {"PIP_INDEX_URL": "http://somebody:hunter-two@127.0.0.1:9/simple"}
    done = subprocess.run(
        [sys.executable, "-m", "release", "images"],
        cwd=tmp_path / "edited",
        env=clean_environment() | variables,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert re.search(r"^error: \S+catalog:1.0.0 does not build: ", done.stderr, re.M)
    assert "hunter-two" not in done.stdout + done.stderr


def test_pushed_images_can_be_pulled(images: dict[str, str], tmp_path: Path) -> None:
    with engine.registry(tmp_path, free_port()) as registry:
        what = ("images", "VERSION=2", "PUSH=1", f"REGISTRY={registry.address}/team")
        refused = engine.make(*what, on_base(), check=False)
        assert re.search("^error: .* cannot be pushed: .*auth", refused.stderr, re.M)
        pushed = engine.make(*what, on_base(), exported=engine.LOGIN)
        assert engine.LOGIN["REGISTRY_PASSWORD"] not in pushed.stdout + pushed.stderr
        for reference in pushed.stdout.split():
            engine.run("rmi", reference)
        assert "auth" in engine.refused("pull", reference)
        configuration = registry.logged_in(tmp_path / "docker")
        engine.run(*configuration, "pull", "--quiet", reference)
        engine.run("rmi", reference)


def test_a_tag_is_pushed_for_one_content_only(images: dict[str, str], tmp_path: Path) -> None:
    with engine.registry(tmp_path, free_port()) as registry:
        what = ("images", "VERSION=2", "PUSH=1", f"REGISTRY={registry.address}/team", on_base())
        pushed = engine.make(*what, exported=engine.LOGIN).stdout.split()
        stock, _, _ = pushed
        engine.make(*what, exported=engine.LOGIN)

        own = contents.content_name("stock", 2)
        edit = tmp_path / "edit" / "Dockerfile"
        edit.parent.mkdir()
        edit.write_text(f"FROM {stock}\nLABEL parallel-releases.content=edited")
        engine.run("build", "--tag", stock, edit.parent)
        configuration = registry.logged_in(tmp_path / "docker")
        engine.run(*configuration, "push", "--quiet", stock)
        edited = engine.inspect(stock)["Id"]

        refused = engine.make(*what, exported=engine.LOGIN, check=False)
        said = f"error: {stock} is in the registry as edited, and here as {own}: a tag is for one"
        assert (refused.returncode, said in refused.stderr) == (2, True), refused.stderr
        assert engine.inspect(stock)["Config"]["Labels"]["parallel-releases.content"] == own
        engine.run(*configuration, "pull", "--quiet", stock)
        assert engine.inspect(stock)["Id"] == edited
    gone = engine.make(*what, check=False)
    assert re.search(r"^error: \S+stock:2.0.0 cannot be asked for: .*refused", gone.stderr, re.M)
    for image in pushed:
        engine.run("rmi", image)
