"""The address that a server listens on; taken first of all, so that a wrong one is told in no time."""

import errno
import ipaddress
import os
import socket

from fidan.errors import FidanError


def open_socket(host: str, port: int) -> socket.socket:
    """A socket bound to an address; nothing listens on it yet.

    Args:
        host: a name or an address, of version 4 or 6.
        port: 0 takes a free one.

    Raises:
        FidanError: the address is taken, not this machine's, or not allowed.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (socket.gaierror, UnicodeError) as error:
        raise FidanError(f"--host {host}: no such address ({error}).") from None
    found = socket.socket(family, kind, protocol)
    if os.name == "posix":  # where it means that an address whose last connections are not forgotten is free
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind(address)
    except OSError as error:
        found.close()
        why = {
            errno.EADDRINUSE: "something else listens there. Choose another --port, or 0 for a free one",
            errno.EACCES: "not allowed. Choose a --port from 1024 on",
            errno.EADDRNOTAVAIL: "not an address of this machine",
        }.get(error.errno or 0, str(error))
        raise FidanError(f"{host}, port {port}: {why}.") from None
    return found


def url_of(listening: socket.socket) -> str:
    """Where a socket is reached, for a person to click on."""
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def open_to_others(listening: socket.socket) -> bool:
    """Whether other machines can reach it."""
    return not ipaddress.ip_address(listening.getsockname()[0].partition("%")[0]).is_loopback
