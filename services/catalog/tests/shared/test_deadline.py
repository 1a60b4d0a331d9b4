"""Reads from a connection end at the deadline, whatever the connection's own timeout says."""

import socket
from time import monotonic

import pytest

from catalog.http_client import DeadlineSocket, set_deadline


@pytest.fixture
def ends():
    near, far = socket.socketpair()
    with DeadlineSocket(fileno=near.detach()) as limited, far:
        limited.settimeout(5)
        yield limited, far


def test_a_read_waits_no_longer_than_is_left(ends):
    limited, _ = ends
    set_deadline(monotonic() + 0.02)
    with pytest.raises(TimeoutError):
        limited.recv_into(bytearray(1))
    assert limited.gettimeout() <= 0.02


def test_what_is_there_is_not_read_after_the_deadline(ends):
    limited, far = ends
    far.sendall(b"late")
    set_deadline(monotonic())
    with pytest.raises(TimeoutError):
        limited.recv_into(bytearray(4))


def test_a_shorter_timeout_stays(ends):
    limited, far = ends
    far.sendall(b"soon")
    set_deadline(monotonic() + 60)
    assert limited.recv_into(bytearray(4)) == 4
    assert limited.gettimeout() == 5
