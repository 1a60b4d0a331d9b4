"""Orders while stock does not respond."""

FORM = {"quantity": "3"}


def test_an_order_without_a_response_is_uncertain(bad_stock, impatient_shop):
    bad_stock.script = [bad_stock.hang]
    page = impatient_shop().buy("x", data=FORM)
    assert page.status_code == 503
    assert "may or may not have been taken" in page.text
    assert '<a href="/product/t-shirt/x">See how many are left</a>' in page.text
    assert len(bad_stock.heads) == 1


def test_an_order_that_was_never_sent_is_certain(bad_stock, bad_shop):
    shop = bad_shop()
    bad_stock.stop()
    page = shop.buy("x", data=FORM)
    assert page.status_code == 503
    assert "may or may not" not in page.text
