"""Who calls a version, as a table for people and as JSON for programs."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict

from rich.box import SIMPLE
from rich.table import Table

from release import contracts
from release.console import out
from release.lifecycle.blockers import DecommissionFacts, format_duration
from release.model import services


def show(facts: DecommissionFacts, needing: Sequence[contracts.Need]) -> None:
    """Print the callers of each service, and whose contracts name the version."""
    table = Table(box=SIMPLE, pad_edge=False)
    for column in ("service", "consumer", "requests", "a minute", "last seen"):
        table.add_column(column, justify="right" if column in ("requests", "a minute") else "left")
    for service, usage in facts.usage.items():
        for caller in usage.callers:
            own = caller.consumer in services.callers(service)
            table.add_row(
                service,
                f"{caller.consumer} (its own)" if own else caller.consumer,
                str(caller.requests),
                f"{caller.requests * 60 / usage.window:.1f}",
                time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(caller.last_seen)),
            )
    out.print(table)
    for service, usage in facts.usage.items():
        watched, window = format_duration(usage.watched), format_duration(usage.window)
        style = "" if usage.is_complete else "yellow"
        out.print(f"{service} was watched for {watched} of {window}", style=style)
    for service, reason in facts.unanswered.items():
        out.print(f"who calls {service} is not known: {reason}", markup=False, style="red")
    for need in needing:
        whose = f"{need.consumer} ({need.contact})"
        out.print(f"contract: {whose}: {need.verdict.outcome}", markup=False)


def as_json(facts: DecommissionFacts, needing: Sequence[contracts.Need]) -> str:
    """{"callers": [...], "watched": {service: seconds}, "unanswered": {...}, "contracts": [...]}"""
    return json.dumps(
        {
            "version": facts.version,
            "callers": [
                asdict(caller) | {"own": caller.consumer in services.callers(service)}
                for service, usage in facts.usage.items()
                for caller in usage.callers
            ],
            "watched": {service: usage.watched for service, usage in facts.usage.items()},
            "unanswered": facts.unanswered,
            "contracts": [
                {
                    "consumer": need.consumer,
                    "contact": need.contact,
                    "outcome": str(need.verdict.outcome),
                }
                for need in needing
            ],
        },
        indent=2,
    )
