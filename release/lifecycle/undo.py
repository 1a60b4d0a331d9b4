"""Undo the last deploy of a release, or take a release down."""

from release.console import note, step
from release.lifecycle.entrypoint import EntryPoint
from release.targets.target import Target


def undo(target: Target, namespace: str) -> None:
    """Return a release to its previous revision; take it down when there is none."""
    with target.lock(f"make undo NAMESPACE={namespace}"):
        revision = target.undo(namespace)
        if revision:
            note(f"release {namespace} is back at revision {revision}")
        else:
            note(f"release {namespace} has no earlier revision: taking it down")
            _remove(target, namespace)


def take_down(target: Target, namespace: str | None) -> None:
    """Remove one release, or everything but the inventory when `namespace` is None.

    Raises RefusedError when the entry point still routes visitors to the release.
    """
    if not target.exists():
        note("nothing is deployed")
        return
    with target.lock("make down"):
        if namespace is None:
            with step("stopping"):
                target.down()
        else:
            _remove(target, namespace)


def _remove(target: Target, namespace: str) -> None:
    others = {item.namespace for item in target.deployed()} - {namespace, target.names.entrypoint}
    if others and EntryPoint(target).serves(namespace):
        EntryPoint(target).remove_version(namespace)
    with step("stopping"):
        target.remove(namespace)
