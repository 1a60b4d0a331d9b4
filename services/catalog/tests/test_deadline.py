"""Reads from a connection end at the deadline, whatever the connection's own timeout says."""

import socket
from time import monotonic

import pytest

from catalog.deadline import PatientSocket, read_until


@pytest.fixture
def ends():
    near, far = socket.socketpair()
    with PatientSocket(fileno=near.detach()) as patient, far:
        patient.settimeout(5)
        yield patient, far


def test_a_read_waits_no_longer_than_is_left(ends):
    patient, _ = ends
    read_until(monotonic() + 0.02)
    with pytest.raises(TimeoutError):
        patient.recv_into(bytearray(1))
    assert patient.gettimeout() <= 0.02


def test_what_is_there_is_not_read_after_the_deadline(ends):
    patient, far = ends
    far.sendall(b"late")
    read_until(monotonic())
    with pytest.raises(TimeoutError):
        patient.recv_into(bytearray(4))


def test_a_shorter_timeout_stays(ends):
    patient, far = ends
    far.sendall(b"soon")
    read_until(monotonic() + 60)
    assert patient.recv_into(bytearray(4)) == 4
    assert patient.gettimeout() == 5
