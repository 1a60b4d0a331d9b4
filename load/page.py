"""What a browser sees of a page: links, pictures and styles, forms, and which version made it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from load.client import Answer, Unexpected

_ASSETS = {"img": "src", "script": "src", "link": "href"}


@dataclass
class Form:
    """Where a form goes, and what it says if nobody changes anything."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    """One page of the shop. Raises Unexpected for anything else."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.links: list[str] = []
        self.assets: list[str] = []
        self.forms: list[Form] = []
        self.version = 0
        if not answer.headers.get("Content-Type", "").startswith("text/html"):
            raise Unexpected("not a page")
        self.feed(answer.body.decode("utf-8", "replace"))
        self.close()
        if not self.version:
            raise Unexpected("not a page of this shop")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "html":
            told = re.search(r"\bv(\d+)\b", found.get("class", ""))
            self.version = int(told[1]) if told else 0
        elif tag == "a" and found.get("href", "#")[0:1] != "#":
            self.links.append(found["href"])
        elif tag in _ASSETS and found.get(_ASSETS[tag]):
            self.assets.append(found[_ASSETS[tag]])
        elif tag == "form":
            self.forms.append(Form(found.get("action", "")))
        elif tag == "input" and self.forms and found.get("name"):
            self.forms[-1].fields[found["name"]] = found.get("value", "")
