"""Watch the devices on a network by python3-zeroconf, an mDNS of other descent than avahi.

usage: zeroconf_watch.py ADDRESS

Asks from that address of this machine, for ever. Prints "ready", and then a line for each thing
that happens to a service _arduino._tcp.local:

    added NAME host=HOST port=PORT addresses=A,B txt=STRING|STRING
    updated ... (the same)
    removed NAME

The strings of the TXT record stand in its order, its bytes as UTF-8 with escapes.
"""

import queue
import sys

from zeroconf import IPVersion, ServiceBrowser, ServiceStateChange, Zeroconf

TYPE = "_arduino._tcp.local."
WORDS = {
    ServiceStateChange.Added: "added",
    ServiceStateChange.Updated: "updated",
    ServiceStateChange.Removed: "removed",
}


def strings(txt):
    """The strings of a TXT record, as they follow each other."""
    found = []
    at = 0
    while at < len(txt):
        length = txt[at]
        found.append(txt[at + 1:at + 1 + length].decode(errors="backslashreplace"))
        at += 1 + length
    return found


def describe(zeroconf, name):
    """What is known of a service: asked for, unless it is in the cache."""
    info = zeroconf.get_service_info(TYPE, name, timeout=5000)
    if info is None:
        return " unresolved"
    addresses = ",".join(sorted(info.parsed_addresses(IPVersion.All)))
    return (f" host={info.server} port={info.port} addresses={addresses}"
            f" txt={'|'.join(strings(info.text))}")


def main():
    happenings = queue.Queue()
    zeroconf = Zeroconf(interfaces=[sys.argv[1]])

    def on_change(zeroconf, service_type, name, state_change):
        happenings.put((state_change, name))

    browser = ServiceBrowser(zeroconf, TYPE, handlers=[on_change])
    print("ready", flush=True)
    while browser.is_alive():
        change, name = happenings.get()
        what = "" if change is ServiceStateChange.Removed else describe(zeroconf, name)
        print(WORDS[change] + " " + name.removesuffix("." + TYPE) + what, flush=True)


main()
