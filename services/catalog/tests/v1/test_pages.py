"""Pages and JSON of version 1 alone."""


def test_the_list_as_json(shop):
    answer = shop.get("/", "application/json").json()
    assert answer["t-shirts"][1] == {
        "name": "formal-t-shirt",
        "price": 35.5,
        "quantity": 3,
        "href": "/product/t-shirt/formal-t-shirt",
    }


def test_one_t_shirt_as_json(shop):
    answer = shop.get("/product/t-shirt/surfer-t-shirt", "application/json")
    assert answer.json()["quantity"] == 120


def test_a_double_click_buys_twice(shop):
    for _ in range(2):
        shop.buy("surfer-t-shirt", data={"quantity": "1", "key": "one-and-the-same"})
    assert shop.inventory.left("surfer-t-shirt") == 118
