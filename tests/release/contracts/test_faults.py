"""Every mistake of this list turns a verification red, and the interaction that breaks is named."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from release.contracts.consumers import catalog_consumer
from release.contracts.result_cache import Outcome
from release.contracts.verification import verify_pact
from tests.release.contracts.conftest import Edit, Edited


@dataclass(frozen=True)
class Fault:
    """A mistake in stock, and the first interaction of catalog's pact that suffers from it."""

    name: str
    version: int
    breaks: str
    edits: tuple[Edit, ...]


V1, V2 = "stock/v1/", "stock/v2/"
FAULTS = [
    Fault(
        "a field is renamed",
        1,
        "a request for a t-shirt",
        (
            Edit(f"{V1}t_shirts.py", "    quantity: int", "    available: int"),
            Edit(f"{V1}t_shirts.py", "quantity=row.quantity", "available=row.quantity"),
        ),
    ),
    Fault(
        "a number becomes a text",
        1,
        "a request for a t-shirt",
        (Edit(f"{V1}t_shirts.py", "price=whole", "price=str(whole)"),),
    ),
    Fault(
        "200 instead of 404",
        1,
        "a purchase of a t-shirt that does not exist",
        (Edit("stock/inventory_errors.py", "status = 404", "status = 200"),),
    ),
    Fault(
        "200 instead of 201",
        1,
        "a purchase",
        (Edit(f"{V1}routes.py", "jsonify(answer), 201", "jsonify(answer), 200"),),
    ),
    Fault(
        "400 instead of 409",
        1,
        "a purchase of more than is left",
        (Edit("stock/inventory_errors.py", "status = 409", "status = 400"),),
    ),
    Fault(
        "the key of errors is renamed",
        1,
        "a purchase of a t-shirt that does not exist",
        (Edit(f"{V1}routes.py", "jsonify(error=message)", "jsonify(message=message)"),),
    ),
    Fault(
        "the message of a failure is hidden",
        1,
        "a request for a t-shirt that fails",
        (
            Edit(
                "stock/error_responses.py",
                "render_error(error.status, error.message)",
                'render_error(error.status, error.message if error.status != 500 else "an error")',
            ),
        ),
    ),
    Fault(
        "an array is wrapped in an object",
        1,
        "a request for all t-shirts",
        (
            Edit(
                f"{V1}routes.py",
                "jsonify(inventory().list_all())",
                "jsonify(items=inventory().list_all())",
            ),
        ),
    ),
    Fault(
        "the list is always empty",
        1,
        "a request for all t-shirts",
        (Edit(f"{V1}routes.py", "jsonify(inventory().list_all())", "jsonify([])"),),
    ),
    Fault(
        "an address moves",
        1,
        "a purchase",
        (Edit(f"{V1}routes.py", "<name>/purchase", "<name>/purchases"),),
    ),
    Fault(
        "a provider state is dropped",
        1,
        "a purchase of more than is left",
        (Edit("states.py", '    "one t-shirt is left": _one_left,\n', ""),),
    ),
    Fault(
        "the paging token is dropped",
        2,
        "a request for a page that others follow",
        (Edit(f"{V2}routes.py", "next=None if last is None else write_token(last)", "next=None"),),
    ),
    Fault(
        "the paging token leads nowhere",
        2,
        "a request for the page after another",
        (Edit(f"{V2}routes.py", "inventory().list_after(position,", "inventory().list_after(0,"),),
    ),
    Fault(
        "an amount gets decimals",
        2,
        "a request for a page that holds all t-shirts",
        (Edit(f"{V2}t_shirts.py", "amount=row.price_minor,", "amount=row.price_minor / 100,"),),
    ),
    Fault(
        "a currency is no code any more",
        2,
        "a request for a page that holds all t-shirts",
        (Edit(f"{V2}t_shirts.py", "currency=row.currency", 'currency="euro"'),),
    ),
    Fault(
        "problems lose their media type",
        2,
        "a purchase of a t-shirt that does not exist",
        (Edit(f"{V2}routes.py", "application/problem+json", "application/json"),),
    ),
    Fault(
        "a repeated purchase sells again",
        2,
        "a purchase that is repeated under its key",
        (
            Edit(
                f"{V2}idempotency.py", "    return value", "    return value + str(time.time_ns())"
            ),
        ),
    ),
    Fault(
        "a used key is a conflict",
        2,
        "another purchase under a used key",
        (Edit("stock/inventory_errors.py", "status = 422", "status = 409"),),
    ),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_turns_the_verification_red(fault: Fault, edited: Edited, cache: Path) -> None:
    verdict = verify_pact(
        catalog_consumer(fault.version), edited(fault.version, fault.edits), cache
    )
    assert verdict.outcome is Outcome.NO
    assert verdict.reason.startswith(f"{fault.breaks}: "), verdict.reason
    assert "\n" not in verdict.reason
