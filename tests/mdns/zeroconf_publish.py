#!/usr/bin/python3
"""Announces devices as an independent implementation of mDNS does (python3-zeroconf).

Says "ready" once they are announced. "quit" on stdin, or its end, takes them back with goodbyes;
whoever kills it gets a device that died without a word.
"""

import argparse
import ipaddress
import sys
from concurrent.futures import ThreadPoolExecutor

from zeroconf import IPVersion, ServiceInfo, Zeroconf

SERVICE = "_arduino._tcp.local."


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="+", metavar="NAME")
    parser.add_argument("--count", type=int, default=1,
                        help="of each NAME so many: NAME-000, NAME-001 ...")
    parser.add_argument("--address", action="append", required=True,
                        help="in their records, and of the interfaces to be used")
    parser.add_argument("--record", action="append",
                        help="addresses in their records, if they are others")
    parser.add_argument("--port", type=int, default=8266)
    parser.add_argument("--ttl", type=int, default=4500, help="of all records, seconds")
    parser.add_argument("--board", default="nodemcuv2")
    parser.add_argument("--auth", default="no")
    parser.add_argument("--txt", help="the TXT record as it is on the wire, in hexadecimal")
    parser.add_argument("--service", default=SERVICE)
    return parser.parse_args()


def properties(options):
    if options.txt is not None:
        return bytes.fromhex(options.txt)
    return {"tcp_check": "no", "ssh_upload": "no", "board": options.board,
            "auth_upload": options.auth}


def services(options):
    addresses = [ipaddress.ip_address(text.split("%")[0]).packed
                 for text in options.record or options.address]
    for name in options.names:
        for number in range(options.count):
            label = name if options.count == 1 else f"{name}-{number:03}"
            yield ServiceInfo(options.service, f"{label}.{options.service}", port=options.port,
                              properties=properties(options), server=f"{label}.local.",
                              addresses=addresses, host_ttl=options.ttl, other_ttl=options.ttl)


def main():
    options = arguments()
    has_4 = any(":" not in text for text in options.address)
    has_6 = any(":" in text for text in options.address)
    version = IPVersion.All if has_4 and has_6 else \
        IPVersion.V6Only if has_6 else IPVersion.V4Only
    zeroconf = Zeroconf(interfaces=options.address, ip_version=version)
    infos = list(services(options))
    # Each announces itself several times, with pauses: all at once.
    with ThreadPoolExecutor(max_workers=min(len(infos), 50)) as pool:
        # They have names of their own: nobody needs to be asked first, which takes a while.
        list(pool.map(lambda info: zeroconf.register_service(info, cooperating_responders=True),
                      infos))
    print("ready", flush=True)
    for line in sys.stdin:
        if line.strip() == "quit":
            break
    zeroconf.unregister_all_services()
    zeroconf.close()


if __name__ == "__main__":
    main()
