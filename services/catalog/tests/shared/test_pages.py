"""Pages and JSON for shoppers, in every version, in front of a real stock."""

import html
import re

import pytest

JSON = "application/json"


def test_the_front_page_shows_every_t_shirt_with_price_and_availability(shop):
    page = shop.get("/")
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    for shown in ("Surfer t-shirt", "€20.00", "120 in stock", "€35.50", "Only 3 left", "Sold out"):
        assert shown in page.text
    assert f'href="{shop.path("surfer-t-shirt")}"' in page.text


def test_the_page_says_which_version_it_is(shop):
    page = shop.get("/").text
    assert f'<p class="badge">Version {shop.version}</p>' in page
    assert f'class="v{shop.version}"' in page
    assert "catalog 9.8.7" in page


def test_a_t_shirt_has_a_page(shop):
    page = shop.get(shop.path("formal-t-shirt")).text
    assert "<h1>Formal t-shirt</h1>" in page
    assert 'max="3"' in page


def test_an_empty_shop_says_so(shop):
    shop.inventory.fill([])
    assert "no t-shirts" in shop.get("/").text


def test_a_t_shirt_that_is_not_there_is_not_found(shop):
    page = shop.get(shop.path("nothing"))
    assert page.status_code == 404
    assert "We do not have this t-shirt" in page.text
    assert shop.buy("nothing", data={"quantity": "1"}).status_code == 404


def test_buying_with_a_form_leads_back_to_the_t_shirt(shop):
    answer = shop.buy("surfer-t-shirt", data={"quantity": "20"})
    assert answer.status_code == 303
    page = shop.get(answer.headers["Location"]).text
    assert '<p class="notice status" role="status">Thank you! You bought 20.</p>' in page
    assert "100 in stock" in page
    assert shop.inventory.left("surfer-t-shirt") == 100


def test_reloading_the_page_after_buying_does_not_buy_again(shop):
    location = shop.buy("surfer-t-shirt", data={"quantity": "1"}).headers["Location"]
    shop.get(location)
    shop.get(location)
    assert shop.inventory.left("surfer-t-shirt") == 119


@pytest.mark.parametrize("bought", ["0", "-1", "1001", "<b>", "", "9" * 5000])
def test_no_link_can_put_other_words_into_the_thanks(shop, bought):
    page = shop.get(f"{shop.path('surfer-t-shirt')}?bought={bought}")
    assert page.status_code == 200
    assert "Thank you" not in page.text


def test_buying_with_json_tells_what_remains(shop):
    answer = shop.buy("surfer-t-shirt", JSON, json={"quantity": 3})
    assert answer.status_code == 201
    assert answer.json() == {shop.api.NAME: "surfer-t-shirt", "quantity": 3, "remaining": 117}


def test_asking_for_more_than_is_left_shows_how_many_there_are(shop):
    page = shop.buy("formal-t-shirt", data={"quantity": "4"})
    assert page.status_code == 409
    assert 'role="alert">Not enough left.' in page.text
    assert "Only 3 left" in page.text
    assert shop.inventory.left("formal-t-shirt") == 3


def test_what_is_sold_out_has_no_form(shop):
    assert "<form" not in shop.get(shop.path("limited-t-shirt")).text
    page = shop.buy("limited-t-shirt", data={"quantity": "1"})
    assert page.status_code == 409
    assert "<form" not in page.text


@pytest.mark.parametrize(
    "quantity", ["", "0", "-1", "1.5", "two", "1001", "1e3", "٣", "1\0", "\ud800", "9" * 9000]
)
def test_a_bad_quantity_shows_the_form_again(shop, quantity):
    sent = b"quantity=" + quantity.encode("utf-8", "surrogatepass")
    form = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
    page = shop.buy("surfer-t-shirt", data=sent, headers=form)
    assert page.status_code == 400
    assert "Please enter a whole number from 1 to 1000." in page.text
    assert "<form" in page.text
    assert shop.inventory.left("surfer-t-shirt") == 120


def test_what_was_typed_stays_in_the_form_and_is_harmless(shop):
    page = shop.buy("surfer-t-shirt", data={"quantity": '"><script>'})
    assert 'value="&#34;&gt;&lt;script&gt;"' in page.text


@pytest.mark.parametrize("quantity", [None, True, 1.0, "1", [1], -1, 0, 1001, 2**63 - 1])
def test_a_bad_quantity_in_json_is_refused(shop, quantity):
    answer = shop.buy("surfer-t-shirt", JSON, json={"quantity": quantity})
    assert answer.status_code == 400
    assert answer.json() == shop.api.error_document(
        400,
        "That is not a quantity",
        "Please enter a whole number from 1 to 1000. Nothing was bought.",
    )


def test_errors_have_the_json_format_of_their_version(shop):
    answer = shop.get("/nowhere", JSON)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, shop.api.ERROR_TYPE)
    assert answer.json() == shop.api.error_document(
        404, "There is nothing here", "The page may have moved, or the address has a typo."
    )


def test_names_from_stock_are_text_and_nothing_else(shop):
    name = "<script>alert(1)</script>\"'&"
    shop.inventory.fill([(name.replace("/", ""), 1, 1)])
    front = shop.get("/").text
    assert "<script" not in front
    path = re.search(r'<h2><a href="([^"]+)">', front)[1]
    page = shop.get(html.unescape(path))
    assert page.status_code == 200
    assert "<script" not in page.text
    assert "&lt;script&gt;" in page.text


@pytest.mark.parametrize("name", ["%2f", "für dich?", "a#b&c=d;e", "日本", "a+b", "100%", "'", "~"])
def test_any_name_can_be_listed_looked_at_and_bought(shop, name):
    shop.inventory.fill([(name, 1, 9)])
    path = html.unescape(re.search(r'<h2><a href="([^"]+)">', shop.get("/").text)[1])
    action = re.search(r'action="([^"]+)"', shop.get(path).text)[1]
    assert action == f"{path}/buy"
    answer = shop.buy(path.rpartition("/")[2], data={"quantity": "2"})
    assert answer.status_code == 303
    assert "You bought 2" in shop.get(answer.headers["Location"]).text
    assert shop.inventory.left(name) == 7


@pytest.mark.parametrize("name", ["a/b", "..", "."])
def test_a_name_that_no_path_can_hold_is_shown_without_a_link(shop, name):
    shop.inventory.fill([(name, 1, 9)])
    page = shop.get("/").text
    assert f"<h2>{name.capitalize()}</h2>" in page


def test_addresses_of_another_version_redirect_to_this_one(shop):
    answer = shop.get(f"{shop.api.OTHER_PRODUCTS}f%C3%BCr%3F")
    assert answer.status_code == 303
    assert answer.headers["Location"] == shop.path("f%C3%BCr%3F")


def test_programs_are_not_redirected_to_json_that_they_cannot_read(shop):
    assert shop.get(f"{shop.api.OTHER_PRODUCTS}surfer-t-shirt", JSON).status_code == 404


@pytest.mark.parametrize("accept", ["text/html", JSON])
def test_a_form_of_another_version_buys_nothing_and_can_be_repeated(shop, accept):
    answer = shop.browser.post(
        f"{shop.url}{shop.api.OTHER_PRODUCTS}surfer-t-shirt/buy",
        data={"quantity": "7", "key": "key-of-another-page"},
        headers={"Accept": accept},
        timeout=10,
    )
    assert answer.status_code == 409
    assert "lease repeat your order" in answer.text
    assert shop.inventory.left("surfer-t-shirt") == 120
    if accept == "text/html":
        assert f'action="{shop.path("surfer-t-shirt")}/buy"' in answer.text
        assert 'value="7"' in answer.text


def test_the_address_of_a_form_leads_to_its_page(shop):
    answer = shop.get(f"{shop.path('surfer-t-shirt')}/buy")
    assert (answer.status_code, answer.headers["Location"]) == (303, shop.path("surfer-t-shirt"))
