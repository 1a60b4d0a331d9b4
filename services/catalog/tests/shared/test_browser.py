"""The shop in a real browser, on a wide and on a narrow window."""

import json
import os
import shutil

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

ARGUMENTS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)
SIZES = {"wide": (1280, 900), "narrow": (360, 800)}


def program(*names):
    """The path of a program; without it the tests here are skipped, except where CI is true."""
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        stop = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        stop(f"{names[0]} is not installed: apt-get install chromium chromium-driver")
    return path


@pytest.fixture(scope="module", params=SIZES)
def browser(request, tmp_path_factory):
    options = webdriver.ChromeOptions()
    options.binary_location = program("chromium", "chromium-browser", "google-chrome")
    service = Service(program("chromedriver"))
    for argument in ARGUMENTS.split():
        options.add_argument(argument)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('profile')}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=service)
    # A window cannot be as narrow as a telephone, the page in it can.
    width, height = SIZES[request.param]
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    yield driver
    driver.quit()


@pytest.fixture
def visit(browser, shop):
    """Opens a page of the shop, and afterwards checks what all of them have in common."""

    def go(path):
        browser.get(shop.url + path)
        return browser

    requested(browser)
    yield go
    messages = [entry["message"] for entry in browser.get_log("browser")]
    # One test opens a page that does not exist.
    assert [line for line in messages if not line.startswith(f"{shop.url}/nowhere ")] == []
    hosts = {url.split("/")[2] for url in requested(browser)}
    assert hosts == {shop.url.split("/")[2]}


def requested(browser):
    """The addresses that pages have asked for, since the last time."""
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    sent = [event for event in events if event["method"] == "Network.requestWillBeSent"]
    urls = [event["params"]["request"]["url"] for event in sent]
    return [url for url in urls if url.startswith(("http:", "https:", "ws:"))]


def texts(browser, selector):
    return [element.text for element in browser.find_elements(By.CSS_SELECTOR, selector)]


def role_of(browser, selector):
    return browser.find_element(By.CSS_SELECTOR, selector).aria_role


def press(browser, *keys):
    """Presses keys on whatever has the focus."""
    browser.switch_to.active_element.send_keys(*keys)


def tab_to(browser, name):
    """Moves the focus forward to what assistive technology calls by that name."""
    for _ in range(30):
        press(browser, Keys.TAB)
        if browser.switch_to.active_element.accessible_name == name:
            return
    pytest.fail(f"the keyboard does not reach {name!r}")


def test_the_list_shows_items_with_prices_and_availability(visit, shop):
    page = visit("/")
    assert texts(page, "h2") == ["Surfer t-shirt", "Formal t-shirt", "Limited t-shirt"]
    assert texts(page, ".price") == ["€20.00", "€35.50", "€80.00"]
    assert texts(page, ".availability") == ["120 in stock", "Only 3 left", "Sold out"]
    assert texts(page, ".badge") == [f"Version {shop.version}"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_versions_differ_in_colour(visit, shop, scheme):
    page = visit("/")
    feature = {"name": "prefers-color-scheme", "value": scheme}
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    html = page.find_element(By.TAG_NAME, "html")
    assert html.get_attribute("class") == f"v{shop.version}"
    colours = set()
    for version in range(1, 6):
        page.execute_script("arguments[0].className = arguments[1]", html, f"v{version}")
        badge = page.find_element(By.CSS_SELECTOR, ".badge")
        colours.add(badge.value_of_css_property("background-color"))
        assert min(ratio for _, ratio in page.execute_script(CONTRASTS)) >= 4.5
    assert len(colours) == 5


def test_buying_works_with_the_keyboard_alone(visit, shop):
    page = visit("/")
    press(page, Keys.TAB)
    assert page.switch_to.active_element.accessible_name == "Skip to the content"
    tab_to(page, "Formal t-shirt")
    press(page, Keys.ENTER)
    wait = WebDriverWait(page, 10)
    wait.until(lambda page: texts(page, "h1") == ["Formal t-shirt"])
    tab_to(page, "Quantity")
    press(page, Keys.BACKSPACE, "2", Keys.ENTER)
    wait.until(lambda page: texts(page, "[role=status]") == ["Thank you! You bought 2."])
    assert texts(page, ".availability") == ["Only 1 left"]
    assert shop.inventory.left("formal-t-shirt") == 1


@pytest.mark.parametrize("path", ["/", "surfer-t-shirt", "limited-t-shirt", "/nowhere"])
def test_pages_fit_the_window_and_can_be_found_ones_way_in(visit, shop, path):
    page = visit(path if path.startswith("/") else shop.path(path))
    assert page.execute_script("return document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.find_element(By.TAG_NAME, "html").get_attribute("lang") == "en"
    assert [role_of(page, tag) for tag in ("header", "main", "footer")] == [
        "banner",
        "main",
        "contentinfo",
    ]
    levels = [int(element.tag_name[1]) for element in page.find_elements(By.CSS_SELECTOR, "h1, h2")]
    assert levels == [1] + [2] * (len(levels) - 1)
    fields = page.find_elements(By.CSS_SELECTOR, "input:not([type=hidden]), button, a")
    assert all(field.accessible_name for field in fields)


def test_long_names_do_not_widen_the_page(visit, shop):
    shop.inventory.fill([("W" * 120, 99999.99, 1_000_000)])
    for path in ("/", shop.path("W" * 120)):
        page = visit(path)
        assert page.execute_script("return document.documentElement.scrollWidth - innerWidth") <= 0
        assert texts(page, ".availability") == ["1,000,000 in stock"]


CONTRASTS = """
const light = c => { c /= 255; return c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4 }
const lum = ([r, g, b]) => .2126 * light(r) + .7152 * light(g) + .0722 * light(b)
const parse = s => s.match(/[\\d.]+/g).map(Number)
const behind = e => {
  for (; e; e = e.parentElement) {
    const c = parse(getComputedStyle(e).backgroundColor)
    if (c.length < 4 || c[3] > 0) return c
  }
}
return [...document.querySelectorAll("h1, h2, p, a, label, button, input, code")]
  .filter(e => e.offsetParent)
  .map(e => {
    const [a, b] = [lum(parse(getComputedStyle(e).color)), lum(behind(e))].sort((x, y) => y - x)
    return [e.outerHTML.slice(0, 80), (a + .05) / (b + .05)]
  })
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "formal-t-shirt?bought=1", "limited-t-shirt", "/nowhere"])
def test_all_text_stands_out(visit, shop, path, scheme):
    page = visit("/nowhere" if path == "/nowhere" else "/" if path == "/" else shop.path(path))
    feature = {"name": "prefers-color-scheme", "value": scheme}
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    contrasts = page.execute_script(CONTRASTS)
    assert len(contrasts) > 5
    assert [(what, ratio) for what, ratio in contrasts if ratio < 4.5] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_end_of_a_version_is_announced_to_everybody(browser, open_catalog, scheme):
    announced = {
        "SUNSET": "2027-03-01",
        "SUCCESSOR_URL": "http://a/",
        "DEPRECATION_LINK": "http://b/",
    }
    shop = open_catalog("http://127.0.0.1:1", DEPRECATION=1795392000, **announced)
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    browser.get(f"{shop.url}/nowhere")
    banner = browser.find_element(By.TAG_NAME, "aside")
    assert (banner.aria_role, banner.accessible_name) == ("complementary", "About this version")
    assert texts(browser, "aside p") == ["This version of the shop ends on 1 March 2027."]
    links = banner.find_elements(By.TAG_NAME, "a")
    assert [link.accessible_name for link in links] == ["Go to the new version", "Why it ends"]
    assert browser.execute_script("return document.documentElement.scrollWidth - innerWidth") <= 0
    assert min(ratio for _, ratio in browser.execute_script(CONTRASTS)) >= 4.5
    # The next test looks at the browser's log.
    browser.get_log("browser")
