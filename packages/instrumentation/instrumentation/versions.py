"""The packages of a service's API versions: `stock.v1`, `stock.v2`."""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from .environment import SettingsError


def load_version(service: str, number: int) -> ModuleType:
    """Import the package of a version; raise SettingsError if this image does not contain it."""
    name = f"{service}.v{number}"
    if find_spec(name) is None:
        raise SettingsError(f"API_VERSION is {number}, but this image has no {name}")
    return import_module(name)
