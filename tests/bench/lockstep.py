#!/usr/bin/env python3
"""An uploader in lockstep, as a program for Python: what a stock uploader costs at the least.

lockstep.py ADDRESS PORT FILE: invites, and after each 1460 bytes waits for an acknowledgement,
whatever it says; in the end for "OK". For devices without a password.
"""

import hashlib
import socket
import sys

CHUNK = 1460
INVITATIONS = 10
PATIENCE_S = 30


def invite(udp, device, port, image):
    text = "0 %d %d %s\n" % (port, len(image), hashlib.md5(image).hexdigest())
    udp.settimeout(1)
    for _ in range(INVITATIONS):
        udp.sendto(text.encode(), device)
        try:
            return udp.recv(128).startswith(b"OK")
        except socket.timeout:
            pass
    return False


def send(stream, image):
    stream.settimeout(PATIENCE_S)
    said = b""
    for at in range(0, len(image), CHUNK):
        stream.sendall(image[at : at + CHUNK])
        said = stream.recv(10)
        if not said:
            return False
    while b"O" not in said:
        said = stream.recv(32)
        if not said:
            return False
    return True


def main(address, port, path):
    with open(path, "rb") as file:
        image = file.read()
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("", 0))
    listener.listen(1)
    listener.settimeout(PATIENCE_S)
    if not invite(udp, (address, int(port)), listener.getsockname()[1], image):
        return 1
    stream, _ = listener.accept()
    return 0 if send(stream, image) else 1


sys.exit(main(*sys.argv[1:]))
