"""How a command declares an option, and the options that several commands share."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import click
from click.core import ParameterSource

from release.errors import UsageError
from release.images.registries import REGISTRY as REGISTRY_PATTERN
from release.settings import types
from release.settings.target import DEFAULT_STATE, TargetSettings, missing, release_namespace

Function = Callable[..., Any]
Decorator = Callable[[Function], Function]
SECRETS = ("SLACK_WEBHOOK_URL", "PACT_BROKER_TOKEN", "PACT_BROKER_PASSWORD", "REGISTRY_PASSWORD")


class Option(click.Option):
    """An option with a variable. A variable that is exported empty was not given."""

    def __init__(self, *words: Any, example: str = "", **more: Any) -> None:
        super().__init__(*words, **more)
        self.example = example

    def resolve_envvar_value(self, ctx: click.Context) -> str | None:
        return (super().resolve_envvar_value(ctx) or "").strip() or None

    def process_value(self, ctx: click.Context, value: Any) -> Any:
        source = ctx.get_parameter_source(str(self.name))
        if self.envvar in SECRETS and source is ParameterSource.COMMANDLINE:
            raise UsageError(exposed(str(self.envvar)))
        if self.required and self.value_is_missing(value):
            raise missing(str(self.envvar), self.type.hint, self.example)  # type: ignore[attr-defined]
        return super().process_value(ctx, value)


def exposed(name: str) -> str:
    """Return the error for a secret on a command line."""
    return f"{name}: a command line is visible to everybody; export it instead"


def option(
    name: str, kind: click.ParamType[Any], text: str, *, to: str = "", **more: Any
) -> Decorator:
    """Declare the option of a variable; `to` is the argument's name, if it is another one."""
    words = [f"--{name.lower().replace('_', '-')}", to or name.lower()]
    if isinstance(kind, types.Flag):
        more = {"is_flag": False, "flag_value": "1", "default": False} | more
    return click.option(*words, cls=Option, envvar=name, type=kind, help=text, **more)


def _declare(function: Function, options: Sequence[Decorator]) -> Function:
    """Give the function these options; help lists them in this order."""
    for each in reversed(options):
        function = each(function)
    return function


def combined(name: str, build: Callable[..., Any], *options: Decorator) -> Decorator:
    """Declare options of which the command sees one argument: what `build` makes of them."""
    parameters = _declare(lambda: None, options).__click_params__  # type: ignore[attr-defined]

    def decorate(function: Function) -> Function:
        @wraps(function)
        def call(**values: Any) -> Any:
            given = {option.name: values.pop(option.name) for option in parameters}
            return function(**values, **{name: build(**given)})

        return _declare(call, options)

    return decorate


VERSION = option("VERSION", types.Major(), "Major version.", required=True, example="2")
ANY_VERSION = option("VERSION", types.Major(), "Major version; all without it.")
REGISTRY = option(
    "REGISTRY",
    types.Pattern(f"({REGISTRY_PATTERN.pattern})", "give host:port or host/path, without a scheme"),
    "Registry of the images; none for this machine alone.",
    default="",
)
JSON = option("JSON", types.Flag(), "Print JSON.", to="as_json")
DRY_RUN = option("DRY_RUN", types.Flag(), "Check everything and change nothing.")
OFF = option("OFF", types.Flag(), "End it.")
PUSH = option("PUSH", types.Flag(), "Push what is built to REGISTRY.")
FORCE = option(
    "FORCE",
    types.OneLine("the reason in one line"),
    "Override a gate, for this reason.",
    default="",
)
VALUES = option("VALUES", types.Files(), "Further values files for the charts.", default=())
WINDOW = option(
    "WINDOW", types.Duration("90d"), "Time in which a call counts as use.", default=86_400
)
FOR = option("FOR", types.Duration("1h"), "How long.", to="seconds", default=60)
SLACK_WEBHOOK_URL = option(
    "SLACK_WEBHOOK_URL",
    types.Pattern(r"https?://[!-~]{1,2000}", "does not hold an http(s) address", secret=True),
    "Slack webhook, from the environment only.",
)

target_options = combined(
    "place",
    TargetSettings.of,
    option("TARGET", types.OneOf(("local", "kubernetes")), "Where releases run.", default="local"),
    option(
        "CONTEXT",
        types.Pattern(r"[\w][\w.:@/+-]{0,250}", "give the name of a context of your kubeconfig"),
        "Context of the kubeconfig that names the cluster.",
    ),
    option("SHOP", types.OneLine("a name"), "Shop of the cluster.", default="shop"),
    option("GATEWAY", types.GatewayAddress(), "Address of the cluster's Traefik, seen from here."),
    option(
        "TRAEFIK_NAMESPACE",
        types.Pattern(types.LABEL, "give the name of a namespace"),
        "Namespace of the cluster's Traefik.",
        default="traefik",
    ),
    REGISTRY,
    option("STATE", types.Folder(), "State folder of the local target.", default=DEFAULT_STATE),
    option("PORT", types.Number(1, 65534), "Port of the local target; services use the next one."),
    option("DOMAIN", types.Domain(), "Domain of the public hosts; SHOP.localhost without it."),
)
"""Where: gives `place`."""


def _which(version: Decorator, *, required: bool, keeps_version: bool) -> Decorator:
    """Declare VERSION, NAMESPACE and RELEASE_NAME, and give `namespace`: None for all releases.

    Put it below `target_options`, whose names of namespaces it needs.
    """
    options = (
        version,
        option("NAMESPACE", types.OneLine("a name"), "Namespace; qv<VERSION> without it."),
        option("RELEASE_NAME", types.OneLine("a name"), "Name of the release: its namespace."),
    )

    def decorate(function: Function) -> Function:
        @wraps(function)
        def call(*, version: int | None, namespace: str | None, **values: Any) -> Any:
            release_name = values.pop("release_name")
            if version is not None or namespace is not None:
                names = values["place"].names
                namespace = release_namespace(names, version, namespace, release_name)
            elif required:
                raise missing("VERSION", types.Major().hint, "2")
            own = {"version": version} if keeps_version else {}
            return function(**values, **own, namespace=namespace)

        return _declare(call, options)

    return decorate


release_options = _which(VERSION, required=True, keeps_version=True)
"""Which release: gives `version` and `namespace`."""
namespace_options = _which(ANY_VERSION, required=True, keeps_version=False)
"""Which release, by VERSION or by NAMESPACE: gives `namespace`."""
optional_namespace_options = _which(ANY_VERSION, required=False, keeps_version=False)
"""The same, or None for all of them."""


def check_push(push: bool, registry: str) -> None:
    """Raise UsageError when there is nowhere to push to."""
    if push and not registry:
        raise UsageError("PUSH=1 needs REGISTRY=, as in REGISTRY=registry.example/team")
