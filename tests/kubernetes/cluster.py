"""A shop of its own on the cluster of CONTEXT, driven as a user does: by make, and over HTTP."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from load.gateway import Gateway
from release import paths
from release.model.names import Names
from tests.charts.rendering import program
from tests.conftest import EXPORTED, ROOT, clean_environment

LAPTOP = ROOT / "charts" / "environments" / "laptop"
RELEASE, ENTRYPOINT = str(LAPTOP / "release.yaml"), str(LAPTOP / "entrypoint.yaml")
PYTHON = "docker.io/shop/notice:1.0.0"
"""An image with Python that every cluster has on which the shop runs."""
_RESTRICTED = {
    "securityContext": {
        "runAsNonRoot": True,
        "runAsUser": 10001,
        "seccompProfile": {"type": "RuntimeDefault"},
    },
    "automountServiceAccountToken": False,
    "restartPolicy": "Never",
}
_HELD_BACK = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


@dataclass(frozen=True)
class Shop:
    """Whatever the cluster runs of one shop."""

    context: str
    gateway: str
    names: Names

    @property
    def elsewhere(self) -> str:
        """A namespace beside those of the shop."""
        return f"{self.names.shop}-elsewhere"

    @property
    def spaces(self) -> tuple[str, ...]:
        """The namespaces of the shop."""
        versions = map(self.names.version, paths.known_versions())
        return (self.names.entrypoint, *versions, self.names.shared)

    def there(self) -> list[str]:
        """Those of them that the cluster has."""
        found = self.kubectl("get", "namespaces", "--output", "name").split()
        return [name for name in self.spaces if f"namespace/{name}" in found]

    def make(
        self, target: str, *, check: bool = True, environment: dict[str, str] | None = None,
        **variables: object,
    ) -> subprocess.CompletedProcess[str]:  # fmt: skip
        """Run make as a person types it."""
        secrets = {name: str(variables.pop(name)) for name in EXPORTED if name in variables}
        given = (f"{name}={value}" for name, value in variables.items())
        return self._run(["make", target, *given], secrets | (environment or {}), check=check)

    def tool(
        self, command: str, *, check: bool = True, **variables: object
    ) -> subprocess.CompletedProcess[str]:
        """Run a command that only the pipeline calls."""
        given = {name: str(value) for name, value in variables.items()}
        return self._run([sys.executable, "-m", "release", command], given, check=check)

    def _run(
        self, words: list[str], environment: dict[str, str], *, check: bool
    ) -> subprocess.CompletedProcess[str]:
        place = {name: str(value) for name, value in self._place.items()}
        done = subprocess.run(
            words,
            cwd=ROOT,
            env=clean_environment() | place | environment,
            capture_output=True,
            text=True,
            timeout=900,
        )
        if check and done.returncode != 0:
            pytest.fail(f"{words}: {done.stdout}\n{done.stderr}")
        return done

    def deploy(self, version: int, **variables: Any) -> None:
        """A version, small and with the rehearsal switch."""
        given: dict[str, Any] = {"VERSION": version, "VALUES": RELEASE, **variables}
        self.make("deploy", **given)

    def start(
        self, target: str, *, environment: dict[str, str] | None = None, **variables: object
    ) -> subprocess.Popen[str]:
        """Start make and go on; the caller waits for it."""
        given = self._place | variables
        return subprocess.Popen(
            ["make", target, *(f"{name}={value}" for name, value in given.items())],
            cwd=ROOT,
            env=clean_environment() | (environment or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def _place(self) -> dict[str, object]:
        return {
            "TARGET": "kubernetes",
            "CONTEXT": self.context,
            "SHOP": self.names.shop,
            "GATEWAY": self.gateway,
        }

    def kubectl(self, *arguments: str, check: bool = True, stdin: str | None = None) -> str:
        command = [program("kubectl"), "--context", self.context, *arguments]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=300)
        assert not check or done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def get(self, namespace: str, kind: str, **labels: str) -> list[dict[str, Any]]:
        """Objects of a kind."""
        chosen = ",".join(f"{key}={value}" for key, value in labels.items())
        given = ("get", kind, "--namespace", namespace, "--output", "json")
        found = json.loads(self.kubectl(*given, *(["--selector", chosen] if chosen else [])))
        items: list[dict[str, Any]] = found["items"]
        return items

    def helm(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        command = [program("helm"), "--kube-context", self.context, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        assert not check or done.returncode == 0, done.stderr + done.stdout
        return done

    def ask(
        self, host: str, path: str = "/", method: str = "GET", **options: Any
    ) -> requests.Response:
        """Ask a public host by its name below the domain; the empty name is the domain itself."""
        domain = self.names.domain
        name = f"{host}.{domain}" if host else domain
        headers = {"Host": name, "Accept": "application/json", **options.pop("headers", {})}
        with requests.Session() as session:
            session.trust_env = False
            return session.request(
                method, self.gateway + path, headers=headers, timeout=10, allow_redirects=False,
                **options,
            )  # fmt: skip

    @property
    def clients(self) -> Gateway:
        return Gateway(self.gateway, self.names.domain)

    def proxied(self, namespace: str, target: str, path: str) -> Any:
        """JSON of a Service or pod, through the API server: `services/prometheus-stock:web`."""
        return json.loads(
            self.kubectl("get", "--raw", f"/api/v1/namespaces/{namespace}/{target}/proxy{path}")
        )

    def python(self, namespace: str, name: str, code: str, labels: dict[str, str]) -> str:
        """What a program says that runs in a pod with these labels; the pod is removed again."""
        container = {
            "name": "python",
            "image": PYTHON,
            "command": ["python", "-c", code],
            "securityContext": _HELD_BACK,
        }
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "labels": labels},
            "spec": {**_RESTRICTED, "containers": [container]},
        }
        self.kubectl("--namespace", namespace, "create", "-f", "-", stdin=json.dumps(pod))
        try:
            over = "jsonpath={.status.phase}=Succeeded"
            self.kubectl(
                "--namespace", namespace, "wait", f"pod/{name}", f"--for={over}", "--timeout=90s"
            )
            return self.kubectl("--namespace", namespace, "logs", name)
        finally:
            self.kubectl("--namespace", namespace, "delete", "pod", name, "--now")


def of_environment() -> Shop:
    """A shop on the cluster of CONTEXT: SHOP, or one that nobody has. GATEWAY says where its
    Traefik is reached.
    """
    gateway = os.environ.get("GATEWAY", "")
    if not urlsplit(gateway).port:
        pytest.exit("GATEWAY is missing: where Traefik is reached, as in http://127.0.0.1:8080", 2)
    shop = os.environ.get("SHOP") or f"e2e-{secrets.token_hex(3)}"
    return Shop(os.environ["CONTEXT"], gateway, Names.of(shop))


def copy_of_kubeconfig(shop: Shop) -> dict[str, Any]:
    """The configuration of this cluster alone, to be changed."""
    found: dict[str, Any] = json.loads(
        shop.kubectl("config", "view", "--minify", "--flatten", "--raw", "--output", "json")
    )
    return found


def of_another(
    shop: Shop, folder: Path, cluster: dict[str, Any], user: dict[str, Any]
) -> dict[str, str]:
    """The environment with a kubeconfig whose context leads elsewhere, or as somebody else."""
    found = copy_of_kubeconfig(shop)
    found["clusters"][0]["cluster"] |= cluster
    if "insecure-skip-tls-verify" in cluster or cluster.get("server", "").startswith("http:"):
        found["clusters"][0]["cluster"].pop("certificate-authority-data", None)
    if user:
        found["users"][0]["user"] = user
    path = folder / "kubeconfig"
    path.touch(mode=0o600)
    path.write_text(json.dumps(found))
    return {"KUBECONFIG": str(path)}
