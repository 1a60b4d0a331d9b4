import pytest
from sample_service import create_app

from instrumentation import Settings
from instrumentation.suspicious_requests import REASONS


def counts(path: str, **request: object) -> dict[str, float | None]:
    app = create_app(Settings("sample", 1, "1.2.3"))
    app.test_client().open(path, **request)  # type: ignore[arg-type]
    value = app.extensions["instrumentation"].metrics.registry.get_sample_value
    return {
        reason: value("http_requests_suspicious_total", {"reason": reason}) for reason in REASONS
    }


@pytest.mark.parametrize(
    ("reason", "path", "request_"),
    [
        ("suspicious_header", "/items/a", {"headers": {"Suspicious-Header": "yes"}}),
        ("suspicious_header", "/items/a", {"headers": {"Suspicious-Header": ""}}),
        ("path_traversal", "/items/../../etc/passwd", {}),
        ("path_traversal", "/items/%2e%2e/secret", {}),
        ("control_character", "/items/%00", {}),
        ("control_character", "/items/a%0d%0aX-Forged:%20yes", {}),
        ("encoded_slash", "/items/a%5cb", {}),
        ("encoded_slash", "/items/a%2fb", {}),
        ("unknown_method", "/items/a", {"method": "BREW"}),
    ],
)
def test_a_suspicious_request_is_counted_once_and_for_its_reason_alone(
    reason: str, path: str, request_: dict[str, object]
) -> None:
    assert counts(path, **request_) == {name: float(name == reason) for name in REASONS}


def test_each_reason_of_a_request_counts() -> None:
    found = counts("/items/%2e%2e%2f%00", method="BREW", headers={"Suspicious-Header": "1"})
    assert found == {name: float(name != "malformed_request") for name in REASONS}


@pytest.mark.parametrize(
    "path", ["/items/t-shirt%20blue", "/items/a?next=%2fhome&up=..", "/items/caf%C3%A9", "/a..b"]
)
def test_ordinary_requests_are_not_suspicious(path: str) -> None:
    assert counts(path) == dict.fromkeys(REASONS, 0.0)
