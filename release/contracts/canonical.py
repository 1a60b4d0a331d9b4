"""Pacts as they are committed: the same agreement is the same bytes, whichever tool wrote it."""

from __future__ import annotations

import json


def canonical(text: str) -> str:
    """A pact document in one order and without the versions of the tools that wrote it."""
    document = json.loads(text)
    specification = document["metadata"]["pactSpecification"]
    document["metadata"] = {"pactSpecification": specification}
    document["interactions"].sort(key=lambda interaction: interaction["description"])
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
