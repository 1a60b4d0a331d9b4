"""What only version 1 does."""


def test_the_list_as_json(v1):
    answer = v1.get("/", "application/json").json()
    assert answer["t-shirts"][1] == {
        "name": "formal-t-shirt",
        "price": 35.5,
        "quantity": 3,
        "href": "/product/t-shirt/formal-t-shirt",
    }


def test_one_t_shirt_as_json(v1):
    answer = v1.get("/product/t-shirt/surfer-t-shirt", "application/json")
    assert answer.json()["quantity"] == 120


def test_a_double_click_buys_twice(v1):
    for _ in range(2):
        v1.buy("surfer-t-shirt", data={"quantity": "1", "key": "one-and-the-same"})
    assert v1.inventory.left("surfer-t-shirt") == 118
