"""The options of the commands, each named like its variable of the Makefile, and the groups that
commands share.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from canary_analysis import PROFILES, Profile
from release import paths
from release.clients.credentials import read_broker_access
from release.errors import UsageError
from release.images.registries import REGISTRY as REGISTRY_PATTERN
from release.images.registries import read_login
from release.model import services
from release.settings import types
from release.settings.target import DEFAULT_STATE, TargetSettings, missing, release_namespace

Function = Callable[..., Any]
Decorator = Callable[[Function], Function]
SECRETS = ("SLACK_WEBHOOK_URL", "PACT_BROKER_TOKEN", "PACT_BROKER_PASSWORD", "REGISTRY_PASSWORD")


class Option(click.Option):
    """An option with a variable. A variable that is exported empty was not given."""

    def resolve_envvar_value(self, ctx: click.Context) -> str | None:
        return (super().resolve_envvar_value(ctx) or "").strip() or None

    def process_value(self, ctx: click.Context, value: Any) -> Any:
        source = ctx.get_parameter_source(str(self.name))
        if self.envvar in SECRETS and source is ParameterSource.COMMANDLINE:
            raise UsageError(exposed(str(self.envvar)))
        if self.required and self.value_is_missing(value):
            raise missing(str(self.envvar), self.type.hint, self.example)  # type: ignore[attr-defined]
        return super().process_value(ctx, value)

    example = ""


def exposed(name: str) -> str:
    """Return the error for a secret on a command line."""
    return f"{name}: a command line is visible to everybody; export it instead"


def option(
    name: str, kind: click.ParamType[Any], text: str, *, to: str = "", **more: Any
) -> Decorator:
    """Declare the option of a variable; `to`: the argument's name."""
    example = more.pop("example", "")
    words = [f"--{name.lower().replace('_', '-')}", to or name.lower()]
    if isinstance(kind, types.Flag):
        more = {"is_flag": False, "flag_value": "1", "default": False} | more
    declare = click.option(*words, cls=Option, envvar=name, type=kind, help=text, **more)

    def decorate(function: Function) -> Function:
        declared = declare(function)
        declared.__click_params__[-1].example = example  # type: ignore[attr-defined]
        return declared

    return decorate


def group(*options: Decorator) -> Decorator:
    """Return one decorator for several options, in their order."""

    def decorate(function: Function) -> Function:
        for each in reversed(options):
            function = each(function)
        return function

    return decorate


def _gathered(options: Decorator, gather: Callable[[dict[str, Any]], None]) -> Decorator:
    """Declare options whose values `gather` replaces by what they mean together."""

    def decorate(function: Function) -> Function:
        @wraps(function)
        def call(**values: Any) -> Any:
            gather(values)
            return function(**values)

        return options(call)

    return decorate


_NAME = types.Pattern(types.LABEL, "give the name of a namespace")
VERSION = option("VERSION", types.Major(), "Major version.", required=True, example="2")
ANY_VERSION = option("VERSION", types.Major(), "Major version; all without it.")
REGISTRY = option(
    "REGISTRY",
    types.Pattern(f"({REGISTRY_PATTERN.pattern})", "give host:port or host/path, without a scheme"),
    "Registry of the images; none for this machine alone.",
    default="",
)
_PLACE = group(
    option("TARGET", types.OneOf(("local", "kubernetes")), "Where releases run.", default="local"),
    option(
        "CONTEXT",
        types.Pattern(r"[\w][\w.:@/+-]{0,250}", "give the name of a context of your kubeconfig"),
        "Context of the kubeconfig that names the cluster.",
    ),
    option("SHOP", types.OneLine("a name"), "Shop of the cluster.", default="shop"),
    option("GATEWAY", types.GatewayAddress(), "Address of the cluster's Traefik, seen from here."),
    option("TRAEFIK_NAMESPACE", _NAME, "Namespace of the cluster's Traefik.", default="traefik"),
    REGISTRY,
    option("STATE", types.Folder(), "State folder of the local target.", default=DEFAULT_STATE),
    option("PORT", types.Number(1, 65535), "Public port of the local target."),
    option("INTERNAL_PORT", types.Number(1, 65535), "Port of the services' internal addresses."),
    option("DOMAIN", types.Domain(), "Domain of the public hosts; SHOP.localhost without it."),
)
_NAMED = group(
    option("NAMESPACE", types.OneLine("a name"), "Namespace; qv<VERSION> without it."),
    option("RELEASE_NAME", types.OneLine("a name"), "Name of the release: its namespace."),
)
JSON = option("JSON", types.Flag(), "Print JSON.", to="as_json")
DRY_RUN = option("DRY_RUN", types.Flag(), "Check everything and change nothing.")
OFF = option("OFF", types.Flag(), "End it.")
SHIFT = option("SHIFT", types.Flag(), "Merge, and shift traffic to VERSION.", to="shifts")
PUSH = option("PUSH", types.Flag(), "Push what is built to REGISTRY.")
FORCE = option(
    "FORCE",
    types.OneLine("the reason in one line"),
    "Override a gate, for this reason.",
    default="",
)
VALUES = option("VALUES", types.Files(), "Further values files for the charts.", default=())
LINES = option("LINES", types.Number(1, 100000), "Lines of each log.", default=100)
SERVICE = option("SERVICE", types.OneOf(services.NAMES), "Service.", required=True, example="stock")
WORKLOAD = option(
    "SERVICE",
    types.Pattern(types.LABEL, "name one"),
    "Service, prometheus-<service>, alertmanager-<service> or gateway.",
    required=True,
    example="stock",
)
DELAY = option("DELAY", types.Number(0, 60, decimal=True), "Seconds of delay.")
ERRORS = option("ERRORS", types.Number(0, 1, decimal=True), "Share of requests that fail.")
WEIGHT = option(
    "WEIGHT",
    types.Number(0, 100),
    "Percentage of new visitors for the newest version; without it weights stay as they are.",
)
TO = option("TO", types.Major(), "Version that traffic moves to.", required=True, example="2")
SLOW = option(
    "SLOW",
    types.Number(0.001, 600, decimal=True),
    "Seconds after which an answer is too late.",
    default=1.2,
)
SUNSET = option("SUNSET", types.Day(), "Day of the removal, as in 2027-03-01.")
LINK = option(
    "LINK",
    types.Pattern(r"https?://[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]{1,980}", "give an http(s) address"),
    "Page that explains the removal.",
    default="",
)
WINDOW = option(
    "WINDOW", types.Duration("90d"), "Time in which a call counts as use.", default=86_400
)
FOR = option("FOR", types.Duration("1h"), "How long.", to="seconds", default=60)
RATE = option("RATE", types.Number(0.1, 500, decimal=True), "Requests a second.", default=20.0)
MIX = option(
    "MIX", types.Mix(), "Types of clients; all that the shop answers without it.", default=()
)
BASE_IMAGE = option(
    "BASE_IMAGE",
    types.Pattern(r"[\w][\w./:@-]{0,399}", "give an image, as in python:3.11-slim-bookworm"),
    "Base image.",
)
WHEELHOUSE = option(
    "WHEELHOUSE", types.Wheelhouse(), "Folder of wheels, in place of a package index."
)
SOURCE_DATE_EPOCH = option(
    "SOURCE_DATE_EPOCH", types.Number(0, 9_999_999_999), "Age of what is packaged, in Unix seconds."
)
OCI = option(
    "OCI",
    types.Pattern(
        f"oci://({REGISTRY_PATTERN.pattern})/?",
        "name a registry that begins with oci://",
    ),
    "Registry of the charts.",
    required=True,
    example="oci://registry.example/charts",
)
CHART_MIRROR = option(
    "CHART_MIRROR",
    types.Pattern(types.ADDRESS, "give the address of a chart repository"),
    "Repository of the charts of Traefik and Prometheus.",
    default="",
)
MESSAGE = option(
    "MESSAGE", types.OneLine("one line"), "Line for the channel.", required=True, example="done"
)
REPORTS = option(
    "REPORTS", types.Folder(), "Folder of the reports.", default=paths.ROOT / "reports"
)
BRANCH = option(
    "BRANCH",
    types.Pattern(r"[\w][\w./-]{0,199}", "give a branch's name of up to 200 characters"),
    "Branch that is published; Git's without it.",
)
PUBLISH = option("PUBLISH", types.Flag(), "Publish to the Pact Broker.")
GENERATE = option("GENERATE", types.Flag(), "Generate contracts/pacts first.")
PACT = option(
    "PACT",
    types.Pattern(r".+", "name a file"),
    "Pact file.",
    to="pact_file",
    required=True,
    example="contracts/pacts/catalog-v1--stock.json",
)


def _place(values: dict[str, Any]) -> None:
    names = (
        "target",
        "context",
        "shop",
        "gateway",
        "traefik_namespace",
        "registry",
        "state",
        "port",
        "internal_port",
        "domain",
    )
    values["place"] = TargetSettings.of(**{name: values.pop(name) for name in names})


target_options = _gathered(_PLACE, _place)
"""Where: gives `place`."""


def _release(values: dict[str, Any]) -> None:
    values["namespace"] = release_namespace(
        values["place"].names,
        values["version"],
        values["namespace"],
        values.pop("release_name"),
    )


release_options = _gathered(group(VERSION, _NAMED), _release)
"""Which release: gives `version` and `namespace`. Put it below target_options."""


def _optional(values: dict[str, Any]) -> None:
    if values["version"] is None and values["namespace"] is None:
        values.pop("release_name")
    else:
        _release(values)
    values.pop("version")


def _namespace(values: dict[str, Any]) -> None:
    _optional(values)
    if values["namespace"] is None:
        raise missing("VERSION", types.Major().hint, "2")


_OPTIONAL = group(ANY_VERSION, _NAMED)
namespace_options = _gathered(_OPTIONAL, _namespace)
"""Which release, by VERSION or by NAMESPACE: gives `namespace`."""
optional_namespace_options = _gathered(_OPTIONAL, _optional)
"""The same, or None for all of them."""


def _profile(values: dict[str, Any]) -> None:
    found: Profile = PROFILES[values["profile"]]
    effect, hold, drain = (values.pop(name) for name in ("deff", "hold_limit", "drain_limit"))
    values["profile"] = replace(
        found,
        rule=replace(found.rule, design_effect=effect or found.rule.design_effect),
        hold_limit=hold or found.hold_limit,
        drain_limit=drain or found.drain_limit,
    )


profile_options = _gathered(
    group(
        option("PROFILE", types.OneOf(tuple(PROFILES)), "How traffic moves.", default="default"),
        option("HOLD_LIMIT", types.Duration("48h"), "Longest time without enough evidence."),
        option("DRAIN_LIMIT", types.Duration("48h"), "Longest time that visitors may stay."),
        option("DEFF", types.Number(1, 1000, decimal=True), "Design effect of sticky visitors."),
    ),
    _profile,
)
"""How traffic moves: gives `profile`."""


def _webhook(values: dict[str, Any]) -> None:
    path: str | None = values.pop("slack_webhook_url_file")
    if path is None or values["slack_webhook_url"] is not None:
        return
    try:
        text = Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"SLACK_WEBHOOK_URL_FILE={path}: cannot be read") from error
    _WEBHOOK.variable = "SLACK_WEBHOOK_URL_FILE"
    values["slack_webhook_url"] = _WEBHOOK.parse(text)


_WEBHOOK = types.Pattern(r"https?://[!-~]{1,2000}", "does not hold an http(s) address", secret=True)
slack_options = _gathered(
    group(
        option("SLACK_WEBHOOK_URL", _WEBHOOK, "Slack webhook, from the environment only."),
        option("SLACK_WEBHOOK_URL_FILE", types.OneLine("a file"), "File that holds the webhook."),
    ),
    _webhook,
)
"""Who is notified: gives `slack_webhook_url`."""


def _broker(values: dict[str, Any]) -> None:
    names = ("BASE_URL", "TOKEN", "USERNAME", "PASSWORD")
    given = {f"PACT_BROKER_{name}": values.pop(f"pact_broker_{name.lower()}") for name in names}
    values["broker"] = read_broker_access({name: text or "" for name, text in given.items()})


_ANYTHING = types.Pattern("(?s).*", "", secret=True)
broker_options = _gathered(
    group(
        option("PACT_BROKER_BASE_URL", _ANYTHING, "Address of the Pact Broker."),
        option("PACT_BROKER_TOKEN", _ANYTHING, "Its token, from the environment only."),
        option("PACT_BROKER_USERNAME", _ANYTHING, "Its user."),
        option(
            "PACT_BROKER_PASSWORD", _ANYTHING, "The user's password, from the environment only."
        ),
    ),
    _broker,
)
"""The Pact Broker: gives `broker`, or None."""


def check_push(push: bool, registry: str) -> None:
    """Raise UsageError when there is nowhere to push to."""
    if push and not registry:
        raise UsageError("PUSH=1 needs REGISTRY=, as in REGISTRY=registry.example/team")


push_options = _gathered(
    group(REGISTRY, PUSH), lambda values: check_push(values["push"], values["registry"])
)
"""Where images go: gives `registry` and `push`."""


def _login(values: dict[str, Any]) -> None:
    names = ("REGISTRY_USERNAME", "REGISTRY_PASSWORD")
    given = {name: values.pop(name.lower()) or "" for name in names}
    values["login"] = read_login(given)


login_options = _gathered(
    group(
        option("REGISTRY_USERNAME", _ANYTHING, "User of the registry."),
        option("REGISTRY_PASSWORD", _ANYTHING, "Password, from the environment only."),
    ),
    _login,
)
"""Registry credentials: gives `login`, or None."""
