#!/usr/bin/python3
"""Looks for devices as an independent implementation of mDNS does (python3-zeroconf).

Says "ready", then one JSON object for each event: {"event": "added" or "updated" or "removed",
"name", and unless removed "host", "port", "addresses", "txt"}. "quit" on stdin, or its end, ends
it.
"""

import argparse
import json
import sys
import threading

from zeroconf import IPVersion, ServiceBrowser, ServiceStateChange, Zeroconf

SERVICE = "_arduino._tcp.local."
EVENTS = {ServiceStateChange.Added: "added", ServiceStateChange.Updated: "updated",
          ServiceStateChange.Removed: "removed"}

output = threading.Lock()


def say(event):
    with output:
        print(json.dumps(event), flush=True)


def tell(zeroconf, name, state):
    event = {"event": EVENTS[state], "name": name.removesuffix("." + SERVICE)}
    if state is not ServiceStateChange.Removed:
        info = None
        for _ in range(10):
            info = zeroconf.get_service_info(SERVICE, name, timeout=3000)
            if info and info.addresses_by_version(IPVersion.All):
                break
        if not info:
            return
        event |= {
            "host": info.server,
            "port": info.port,
            "addresses": info.parsed_scoped_addresses(IPVersion.All),
            "txt": {key.decode(errors="replace"): (value or b"").decode(errors="replace")
                    for key, value in info.properties.items()},
        }
    say(event)


def changed(zeroconf, service_type, name, state_change):
    # Whoever waits here for answers would never see them: others take what the network says.
    threading.Thread(target=tell, args=(zeroconf, name, state_change), daemon=True).start()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", action="append", required=True,
                        help="of the interfaces to be used")
    options = parser.parse_args()
    has_4 = any(":" not in text for text in options.address)
    has_6 = any(":" in text for text in options.address)
    version = IPVersion.All if has_4 and has_6 else \
        IPVersion.V6Only if has_6 else IPVersion.V4Only
    zeroconf = Zeroconf(interfaces=options.address, ip_version=version)
    browser = ServiceBrowser(zeroconf, SERVICE, handlers=[changed])
    print("ready", flush=True)
    for line in sys.stdin:
        if line.strip() == "quit":
            break
    browser.cancel()
    zeroconf.close()


if __name__ == "__main__":
    main()
