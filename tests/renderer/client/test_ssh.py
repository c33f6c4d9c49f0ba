"""A renderer behind a real ssh server, on the loopback address with a key and a port of its own."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from renderer.client.client import StatusChanged
from renderer.client.elsewhere import Elsewhere, parse_elsewhere
from renderer.messages.to_window import Hello
from tests.paths import ROOT
from tests.renderer.client.client_kit import FAKE, PATIENCE, Window, ask, snapshot

SSHD = shutil.which("sshd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
pytestmark = [
    pytest.mark.skipif(SSHD is None, reason="needs sshd (Debian: apt-get install openssh-server)"),
    pytest.mark.skipif(shutil.which("ssh") is None, reason="needs ssh"),
]


class Server:
    """An ssh server in a folder: its keys, its log, its port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        for key in ("host", "user"):
            subprocess.run(
                ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / key], check=True
            )
        (folder / "authorized").write_text((folder / "user.pub").read_text())
        kind, data, *_ = (folder / "host.pub").read_text().split()
        (folder / "known").write_text(f"[127.0.0.1]:{self.port} {kind} {data}\n")
        environment = f"GANSCOPE_PIPELINE={FAKE} PYTHONPATH={ROOT}"
        (folder / "config").write_text(
            f"ListenAddress 127.0.0.1\nPort {self.port}\nHostKey {folder}/host\n"
            f"PidFile none\nAuthorizedKeysFile {folder}/authorized\nStrictModes no\nUsePAM no\n"
            f"PasswordAuthentication no\nPermitRootLogin yes\nSetEnv {environment}\n"
        )
        assert SSHD is not None
        if os.geteuid() == 0:  # it refuses to start without this folder
            Path("/run/sshd").mkdir(exist_ok=True)
        with open(folder / "log", "wb") as log:
            self._process = subprocess.Popen(
                [SSHD, "-D", "-e", "-f", folder / "config"], stderr=log
            )
        self._wait()

    def _wait(self) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self._process.poll() is None:
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        pytest.skip(f"sshd does not start here: {(self.folder / 'log').read_text()}")

    def elsewhere(
        self, python: str = sys.executable, *, key: str = "user", known: str = "known"
    ) -> Elsewhere:
        """How a user would name it, with the options that a user's ~/.ssh would hold."""
        place = parse_elsewhere(f"ssh://{getpass.getuser()}@127.0.0.1:{self.port}{python}")
        options = (
            *("-F", "none", "-i", str(self.folder / key), "-o", "IdentitiesOnly=yes"),
            *("-o", f"UserKnownHostsFile={self.folder / known}"),
        )
        return Elsewhere(place.name, ("ssh", *options, *place.command[1:]), place.host, place.port)

    def close(self) -> None:
        """End it, and with it every connection."""
        self._process.kill()
        self._process.wait()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("sshd"))
    yield server
    server.close()


def said(elsewhere: Elsewhere) -> str:
    with Window(elsewhere=elsewhere) as window:
        event = window.wait(lambda e: isinstance(e, StatusChanged) and e.state == "failed")
    assert isinstance(event, StatusChanged)
    return event.text


def test_pictures_and_files_come_through_ssh(server: Server, tmp_path: Path) -> None:
    net = snapshot(tmp_path, size=500)
    with Window(elsewhere=server.elsewhere()) as window:
        frame = window.frame(window.client.submit(ask(net, 8)))
        assert (frame.pixels == 8).all()
        hello = window.all(Hello)[0]
        assert isinstance(hello, Hello)
        assert hello.host == socket.gethostname()
        assert any(facts.name == "net" for facts in window.client.disk.scan(str(tmp_path)))


def test_a_renderer_ends_with_its_window(server: Server, tmp_path: Path) -> None:
    with Window(elsewhere=server.elsewhere()) as window:
        hello = window.wait(lambda e: isinstance(e, Hello))
        assert isinstance(hello, Hello)
    end = time.monotonic() + PATIENCE
    while Path(f"/proc/{hello.pid}").exists():
        assert time.monotonic() < end, "it is left behind"
        time.sleep(0.05)


def test_why_there_is_none_is_told_with_what_to_do(server: Server, tmp_path: Path) -> None:
    assert "Name the Python there" in said(server.elsewhere("/no/such/python"))
    script = '#!/bin/sh\nexec env -u PYTHONPATH /usr/bin/python3 -I -S "$@"'
    (tmp_path / "python").write_text(script)
    (tmp_path / "python").chmod(0o755)
    assert "Install ganscope there" in said(server.elsewhere(str(tmp_path / "python")))
    refused = said(server.elsewhere(key="host"))
    assert "Permission denied" in refused
    assert "ssh-copy-id" in refused
    assert "Connect once by hand" in said(server.elsewhere(known="unknown"))
    closed = parse_elsewhere("ssh://127.0.0.1:1")
    assert "Connection refused" in said(closed)
