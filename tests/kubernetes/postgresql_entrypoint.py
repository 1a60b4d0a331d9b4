"""Stands in for the entry point of the official PostgreSQL image: what our chart sets, and no more.

POSTGRES_USER, POSTGRES_DB and POSTGRES_PASSWORD_FILE make the cluster at PGDATA when there is none.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

BIN = Path("/usr/local/lib/pgserver/pginstall/bin")


def main() -> None:
    data = Path(os.environ["PGDATA"])
    if not (data / "PG_VERSION").exists():
        user, password = os.environ["POSTGRES_USER"], os.environ["POSTGRES_PASSWORD_FILE"]
        command: list[str | Path] = [
            BIN / "initdb",
            "--pgdata",
            data,
            "--username",
            user,
            "--pwfile",
            password,
        ]
        subprocess.run([*command, "--encoding=UTF8", "--auth-host=scram-sha-256"], check=True)
        (data / "pg_hba.conf").open("a").write("host all all all scram-sha-256\n")
        create = f'CREATE DATABASE "{os.environ["POSTGRES_DB"]}"'
        single: list[str | Path] = [BIN / "postgres", "--single", "-D", data, "postgres"]
        subprocess.run(single, input=create, text=True, check=True)
    arguments = ["-D", str(data), "-k", "/var/run/postgresql", "-h", "0.0.0.0", *sys.argv[1:]]
    with subprocess.Popen([BIN / "postgres", *arguments]) as server:
        # The official image says that it is stopped by SIGINT, which does not wait for clients.
        signal.signal(signal.SIGTERM, lambda *_: server.send_signal(signal.SIGINT))
        sys.exit(server.wait())


if __name__ == "__main__":
    main()
