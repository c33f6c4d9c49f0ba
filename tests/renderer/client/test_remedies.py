"""What is said where a command that should reach a renderer fails."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from renderer.client.client import StatusChanged
from renderer.client.elsewhere import parse_elsewhere
from renderer.client.last_words import last_lines
from renderer.client.remedies import NO_SHELL, remedy
from tests.renderer.client.client_kit import Window, far

SLURM = (
    "slurmstepd: error: *** STEP 7.0 ON n1 CANCELLED AT 2026-01-02T03:04:05 DUE TO TIME LIMIT ***",
    "srun: Job step aborted: Waiting up to 32 seconds for job step to finish.",
    "srun: error: n1: task 0: Terminated",
)
DOCKER = (
    "docker: Cannot connect to the Docker daemon at unix:///var/run/docker.sock.",
    "",
    "Run 'docker run --help' for more information",
)


def failed(name: str) -> str:
    """What the window says of a renderer that a user has named so, and that is none."""
    with Window(elsewhere=parse_elsewhere(name)) as window:
        event = window.wait(lambda e: isinstance(e, StatusChanged) and e.state == "failed")
    assert isinstance(event, StatusChanged)
    return event.text


@pytest.mark.parametrize("lines", [SLURM, DOCKER])
def test_the_reason_that_stands_before_the_last_line_is_told(lines: tuple[str, ...]) -> None:
    code = f"import sys; sys.exit({chr(10).join(('chatter',) * 9 + lines)!r})"
    with Window(elsewhere=far("-c", code)) as window:
        event = window.wait(lambda e: isinstance(e, StatusChanged) and e.state == "failed")
    assert isinstance(event, StatusChanged)
    assert " / ".join(filter(None, lines)).rstrip(".") in event.text
    assert event.text.count("chatter") <= 2, "four lines at most"


def test_an_error_of_python_is_one_line() -> None:
    lines = ["a warning", "Traceback (most recent call last):", '  File "a", line 1', "Error: b"]
    assert last_lines(lines) == "Error: b"
    assert last_lines(["a.py:3: UserWarning: old", "  warnings.warn(", "gone"]).endswith(
        "old / gone"
    )


@pytest.mark.parametrize(
    ("name", "said", "told", "untrue"),
    [
        ("cmd:docker run x", "Host key verification failed.", "by hand in a terminal", "ssh"),
        ("cmd:x", "me@gpu: Permission denied (publickey).", "until the command works", "BatchMode"),
        ("ssh://r@h:2296", "r@h: Permission denied (publickey).", "`ssh -p 2296 -o Batch", "  "),
        ("ssh://r@h:2296", "Host key verification failed.", "`ssh -p 2296 r@h`", "  "),
        ("ssh://[::1]:22", "sh: exec: python3: not found", "ssh://[::1]:22/path/to/python", "  "),
        ("ssh://h", "bash: line 1: srun: command not found", "srun is not found", "Python"),
        ("cmd:ssh l srun x", "srun: command not found", "srun is not found", "Python"),
        ("cmd:ssh l srun x", "zsh:1: command not found: srun", "srun is not found", "Python"),
        (
            "cmd:docker run x",
            'exec: "python": executable file not found in $PATH: unknown.',
            "Name the Python there in the command",
            "renderer.server",
        ),
        ("cmd:env python9", "env: ‘python9’: No such file or directory", "Name the Python", "ssh"),
        ("ssh://h", "bash: /opt/python: No such file or directory", "ssh://h/path", "  "),
        ("cmd:x", "/usr/bin/python3: No module named renderer", "Install ganscope", "ssh"),
        ("cmd:docker run x", "dial tcp 1.2.3.4:443: connect: connection refused", "", "ssh server"),
        ("cmd:python3 -m renderer.server | tee log", "anything", NO_SHELL, "Name"),
        ("cmd:python3 -m renderer.server 2>/tmp/log", "anything", NO_SHELL, "Name"),
        ("cmd:cd /x; python3 -m renderer.server", "anything", NO_SHELL, "Name"),
        ("cmd:$HOME/env/bin/python -m renderer.server", "anything", NO_SHELL, "Name"),
        ("cmd:A=1 python3 -m renderer.server", "anything", NO_SHELL, "Name"),
        ("cmd:sh -c 'cd /x && python3'", "anything", "terminal", NO_SHELL),
        ("cmd:ssh l $HOME/python --gres=gpu:1", "anything", "terminal", NO_SHELL),
        ("cmd:docker run -e A=1 --gpus=all x", "anything", "terminal", NO_SHELL),
    ],
)
def test_what_to_do_fits_the_command_and_what_it_said(
    name: str, said: str, told: str, untrue: str
) -> None:
    what = remedy(parse_elsewhere(name), ("some greeting", said))
    assert told in what
    assert untrue not in what


def test_the_port_that_was_given_is_told() -> None:
    assert failed("ssh://127.0.0.1:1").startswith("No renderer at 127.0.0.1:1: ")
    with_port, without = parse_elsewhere("ssh://a@h:2"), parse_elsewhere("ssh://a@h")
    assert with_port.key == without.key, "a session that was kept is found again"


def test_a_home_folder_is_found_and_shell_syntax_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert parse_elsewhere("cmd:~/python -m x ~/y").command == (
        f"{tmp_path}/python",
        "-m",
        "x",
        "~/y",
    )
    for name in ("cmd:$HOME/python -m x", f"cmd:{sys.executable} -m renderer.server 2> log"):
        assert NO_SHELL.rstrip(".") in failed(name)


@pytest.mark.parametrize("extra", ["--flag", "a b c d"])
def test_too_many_arguments_are_no_older_version(extra: str) -> None:
    said = failed(f"cmd:{sys.executable} -m renderer.server {extra}")
    assert "takes no arguments" in said
    assert "older" not in said
