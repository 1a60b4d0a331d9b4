"""What a caller is asked to be allowed is what the charts of a release take, and no more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from release.targets.kubernetes.admin import permissions
from tests.charts.rendering import RELEASES, SCENARIOS, Object, Release, Render

# Stock and the monitoring are part of these.
PLACES = dict.fromkeys(RELEASES, permissions.VERSION) | {"entrypoint": permissions.ENTRYPOINT}
RELEASED = [each for each in SCENARIOS if each.partition(":")[0] in PLACES]


def needed(place: str) -> set[tuple[str, str, str]]:
    """Group, resource and verb of everything that is asked about a place."""
    return {
        (group, resource, verb)
        for group, resources, verbs, where in permissions.NEEDS
        if place in where
        for resource in resources.split()
        for verb in verbs.split()
    }


def resource(item: Object) -> tuple[str, str]:
    """Group and plural of a kind."""
    group, _, _ = item["apiVersion"].rpartition("/")
    name = item["kind"].lower()
    if name.endswith("y"):
        return group, f"{name[:-1]}ies"
    return group, f"{name}es" if name.endswith("s") else f"{name}s"


def installed(release: Release, place: str) -> Iterator[tuple[str, Object]]:
    """Every object, and where it goes; what `helm test` runs is nothing that a release needs."""
    for item in release.objects:
        if item["metadata"].get("annotations", {}).get("helm.sh/hook") != "test":
            elsewhere = item["metadata"]["namespace"] != release.namespace
            yield permissions.GATEWAY if elsewhere else place, item


@pytest.mark.parametrize("name", RELEASED)
def test_what_a_release_contains_is_asked_for(scenario: Render, name: str) -> None:
    for place, item in installed(scenario(name), PLACES[name.partition(":")[0]]):
        group, plural = resource(item)
        wanted = {(group, plural, verb) for verb in permissions.HELM_VERBS.split()}
        assert wanted - needed(place) == set(), place


@pytest.mark.parametrize("name", RELEASED)
def test_what_a_role_gives_is_asked_for(scenario: Render, name: str) -> None:
    """Who does not have it may not give it."""
    for place, item in installed(scenario(name), PLACES[name.partition(":")[0]]):
        for rule in item["rules"] if item["kind"] == "Role" else ():
            given = {
                (group, plural, verb)
                for group in rule["apiGroups"]
                for plural in rule["resources"]
                for verb in rule["verbs"]
            }
            assert given - needed(place) == set(), place


def test_nothing_is_asked_for_that_no_release_contains(scenario: Render) -> None:
    contained = {
        (place, *resource(item))
        for name in RELEASED
        for place, item in installed(scenario(name), PLACES[name.partition(":")[0]])
    }
    asked = {
        (place, group, plural)
        for place in (permissions.VERSION, permissions.ENTRYPOINT, permissions.GATEWAY)
        for group, plural, _ in needed(place)
        if {(group, plural, verb) for verb in permissions.HELM_VERBS.split()} <= needed(place)
    }
    assert asked == contained
