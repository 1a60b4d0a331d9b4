"""Orders while stock does not respond."""

FORM = {"quantity": "3", "key": "key-of-the-form"}


def test_an_order_without_a_response_can_be_repeated_under_the_same_key(bad_stock, impatient_shop):
    bad_stock.script = [bad_stock.hang]
    page = impatient_shop().buy("x", data=FORM)
    assert page.status_code == 503
    assert "this order is taken once" in page.text
    assert 'name="key" value="key-of-the-form"' in page.text
    assert 'value="3"' in page.text
