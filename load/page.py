"""Parse a page of the shop: its links, assets, forms and version."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from load.client import Response, UnexpectedResponseError

_ASSETS = {"img": "src", "script": "src", "link": "href"}


@dataclass
class Form:
    """A form's action, and the default values of its fields."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    """A page of the shop. Raises UnexpectedResponseError for any other response."""

    def __init__(self, answer: Response) -> None:
        super().__init__()
        self.links: list[str] = []
        self.assets: list[str] = []
        self.forms: list[Form] = []
        self.version = 0
        if not answer.headers.get("Content-Type", "").startswith("text/html"):
            raise UnexpectedResponseError("not a page")
        self.feed(answer.body.decode("utf-8", "replace"))
        self.close()
        if not self.version:
            raise UnexpectedResponseError("not a page of this shop")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "html":
            label = re.search(r"\bv(\d+)\b", attributes.get("class", ""))
            self.version = int(label[1]) if label else 0
        elif tag == "a" and attributes.get("href", "#")[0:1] != "#":
            self.links.append(attributes["href"])
        elif tag in _ASSETS and attributes.get(_ASSETS[tag]):
            self.assets.append(attributes[_ASSETS[tag]])
        elif tag == "form":
            self.forms.append(Form(attributes.get("action", "")))
        elif tag == "input" and self.forms and attributes.get("name"):
            self.forms[-1].fields[attributes["name"]] = attributes.get("value", "")
