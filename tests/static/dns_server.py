"""A DNS server for a network of a test's own: dns_server.py NAME=ADDRESS...

At 127.0.0.53, where it says "ready". A name has its one address, and nothing else; other names there
are not.
"""

import ipaddress
import socket
import struct
import sys

A, AAAA = 1, 28
NO_SUCH_NAME = 3


def question(packet):
    """The name that is asked for, the type, and where that ends."""
    labels, at = [], 12
    while packet[at]:
        labels.append(packet[at + 1 : at + 1 + packet[at]].decode("ascii").lower())
        at += 1 + packet[at]
    return ".".join(labels), struct.unpack_from("!H", packet, at + 1)[0], at + 5


def answer(packet, names):
    name, wanted, end = question(packet)
    address = names.get(name)
    code, records = (0 if address else NO_SUCH_NAME), b""
    if address and wanted == (A if address.version == 4 else AAAA):
        # Of the name at byte 12, class IN, for no time.
        records = struct.pack("!HHHIH", 0xC00C, wanted, 1, 0, len(address.packed)) + address.packed
    header = struct.pack("!HHHHHH", struct.unpack_from("!H", packet)[0], 0x8580 | code, 1,
                         1 if records else 0, 0, 0)
    return header + packet[12:end] + records


def main():
    names = {}
    for argument in sys.argv[1:]:
        name, address = argument.split("=")
        names[name] = ipaddress.ip_address(address)
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.53", 53))
    print("ready", flush=True)
    while True:
        packet, peer = server.recvfrom(512)
        server.sendto(answer(packet, names), peer)


main()
