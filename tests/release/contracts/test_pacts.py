"""The committed pacts are what catalog's tests note down, to the byte."""

from __future__ import annotations

import json

import pytest

from release import paths
from release.contracts.consumers import OWN, generate_pacts

V1 = {
    "a purchase",
    "a purchase of a t-shirt that does not exist",
    "a purchase of more than is left",
    "a request for a t-shirt",
    "a request for a t-shirt that does not exist",
    "a request for a t-shirt that fails",
    "a request for all t-shirts",
}


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("pacts")
    return {path.name: path.read_bytes() for path in generate_pacts(folder)}


def test_generating_them_into_an_empty_folder_gives_the_committed_ones(
    generated: dict[str, bytes],
) -> None:
    assert generated == {path.name: path.read_bytes() for path in OWN.iterdir()}


def test_there_is_one_for_each_version_of_catalog(generated: dict[str, bytes]) -> None:
    versions = paths.known_versions()
    assert set(generated) == {f"catalog-v{version}--stock.json" for version in versions}


def test_they_say_nothing_of_the_tools_that_wrote_them(generated: dict[str, bytes]) -> None:
    for content in generated.values():
        document = json.loads(content)
        assert document["metadata"] == {"pactSpecification": {"version": "4.0"}}
        assert document["consumer"] == {"name": "Catalog App"}
        assert document["provider"] == {"name": "Stock Service"}


def test_version_1_holds_what_catalog_has_always_needed(generated: dict[str, bytes]) -> None:
    interactions = json.loads(generated["catalog-v1--stock.json"])["interactions"]
    assert {interaction["description"] for interaction in interactions} == V1
    failing = next(one for one in interactions if one["description"].endswith("fails"))
    assert failing["providerStates"] == [{"name": "an error occurs retrieving a t-shirt"}]
    assert failing["response"]["status"] == 500
    assert failing["response"]["body"]["content"] == {"error": "Argh!!!"}
    assert "matchingRules" not in failing["response"]
