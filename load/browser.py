"""Browsers: they follow the links and submit the forms of the pages that they get."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

from load.client import Client, Response, UnexpectedResponseError
from load.gateway import Gateway
from load.stats import Recorder

KIND = "browsers"
_REDIRECTS = {301, 302, 303, 307, 308}
_MOST_REDIRECTS = 5
_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
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


class Browser:
    """Plays one visitor after the other, each with its own cookies, each for four to eight pages.

    `fronts`: the hosts at which visitors begin, in turn.
    """

    def __init__(
        self, gateway: Gateway, fronts: Sequence[str], number: int, record: Recorder
    ) -> None:
        self._gateway, self._record, self._fronts = gateway, record, fronts
        accepts = {"User-Agent": _AGENT, "Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
        self._client = Client(gateway, record, KIND, accepts)
        self._visitor = number
        self._begin()

    def act(self, due: float) -> None:
        """Send the next request of this visitor: an asset of the page, a form, or a link."""
        if not self._assets and not self._refused and self._pages_left <= 0:
            self._visitor += 1
            self._begin()
        if self._assets:
            url = self._assets.pop(0)
            self._client.send("GET", url, due, lambda answer: _check_status(answer, (200,)))
            return
        self._pages_left -= 1
        if self._page is None:
            self._show("GET", f"http://{self._front}/", due)
        elif self._page.forms and self._is_order_due():
            self._order(self._page.forms[0], due)
        else:
            links = [one for one in map(self._absolute, self._page.links) if self._is_ours(one)]
            chosen = links[(self._visitor + self._pages_left) % len(links)] if links else ""
            self._show("GET", chosen or f"http://{self._front}/", due)

    def leave(self) -> None:
        self._client.forget()

    def _begin(self) -> None:
        """Start a new visitor."""
        self._client.forget()
        self._front = self._fronts[self._visitor % len(self._fronts)]
        self._page: Page | None = None
        self._where = ""
        self._refused = False
        self._assets: list[str] = []
        self._loaded: set[str] = set()
        self._pages_left = 4 + self._visitor % 5

    def _is_order_due(self) -> bool:
        """True for a repeated order that the shop asked for, and for every third form."""
        return self._refused or (self._visitor + self._pages_left) % 3 == 0

    def _order(self, form: Form, due: float) -> None:
        action = self._absolute(form.action)
        t_shirt = urlsplit(action).path.split("/")[-2:][0]
        quantity = int(form.fields.get("quantity", "1"))
        parts = urlsplit(self._where)
        asked_before, self._refused = self._refused, False
        answer = self._show(
            "POST",
            action,
            due,
            data=form.fields,
            headers={"Origin": f"{parts.scheme}://{parts.netloc}", "Referer": self._where},
        )
        if answer is None:
            self._record.add_unsure_sale(t_shirt, quantity)
        elif answer.status == 409:
            self._refused = not asked_before
        else:
            target = urlsplit(answer.headers.get("Location", ""))
            for bought in parse_qs(target.query).get("bought", []):
                self._record.add_sale(t_shirt, int(bought))

    def _show(
        self, method: str, url: str, due: float, redirects: int = 0, **sent: Any
    ) -> Response | None:
        """Load a page and follow its redirects; return the response to the first request."""
        shown: list[Page] = []

        def reads(answer: Response) -> int | None:
            if answer.status in _REDIRECTS and answer.headers.get("Location"):
                if redirects == _MOST_REDIRECTS:
                    raise UnexpectedResponseError(f"more than {_MOST_REDIRECTS} redirects")
                return None
            _check_status(answer, (200, 409))
            shown.append(Page(answer))
            return shown[0].version

        answer = self._client.send(method, url, due, reads, **sent)
        self._page = shown[0] if shown else None
        if self._page is not None:
            self._where = url
            self._queue_assets(self._page)
        elif answer is not None:
            if answer.status not in (307, 308):
                method, sent = "GET", {}
            target = urljoin(url, answer.headers["Location"])
            self._show(method, target, self._record.elapsed, redirects + 1, **sent)
        return answer

    def _queue_assets(self, page: Page) -> None:
        """Queue the assets that this visitor has not loaded yet, as a browser with a cache does."""
        for url in map(self._absolute, page.assets):
            if url not in self._loaded and self._is_ours(url):
                self._loaded.add(url)
                self._assets.append(url)

    def _absolute(self, link: str) -> str:
        return urljoin(self._where, link)

    def _is_ours(self, url: str) -> bool:
        parts = urlsplit(url)
        return parts.scheme == "http" and self._gateway.serves(parts.netloc)


def _check_status(answer: Response, statuses: tuple[int, ...]) -> None:
    if answer.status not in statuses:
        served = " for a link that the shop served" if answer.status == 404 else ""
        raise answer.as_error(served)
