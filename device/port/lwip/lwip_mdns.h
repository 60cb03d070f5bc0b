/*
 * Announces the device by lwIP's own mDNS responder, as uploaders look for it: service
 * _arduino._tcp, SRV port = UDP port, TXT tcp_check=no ssh_upload=no board=NAME auth_upload=yes|no.
 *
 * lwIP must be built with src/apps/mdns/mdns.c and LWIP_MDNS_RESPONDER 1, LWIP_IGMP 1 (and
 * LWIP_IPV6_MLD 1 with IPv6), LWIP_NUM_NETIF_CLIENT_DATA 1 at least, LWIP_NETIF_EXT_STATUS_CALLBACK
 * 1 (so that a new address or link is announced), LWIP_UDP 1, one MEMP_NUM_UDP_PCB and one
 * MEMP_NUM_SYS_TIMEOUT more than without. The interface needs NETIF_FLAG_IGMP (NETIF_FLAG_MLD6) and
 * a driver that lets frames to groups through. Some 600 bytes of lwIP's heap stay in use, and its
 * stack grows to about 2 KiB when a question is answered.
 */
#ifndef LWIP_MDNS_H
#define LWIP_MDNS_H

#include <lwip/netif.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LWIP_MDNS_NAME_MAX  63
#define LWIP_MDNS_BOARD_MAX 57

struct lwip_announcement {
    const char *name;  /* host and instance: 1 to 63 letters, digits and hyphens */
    const char *board; /* 1 to 57 characters */
    uint16_t port;     /* the UDP port, in the host's order */
    bool auth;         /* a password is wanted */
};

/*
 * Announce on this interface, for good: after netif_add() and netif_set_up(), once per interface.
 * With an address the name is probed first, so the announcement comes about 1 s later; without one
 * that waits until there is one. When another host holds the name, lwIP stays silent. New addresses
 * are announced without further ado. `announcement` and its texts must outlive the interface.
 * False when a text is no good or lwIP has no memory; nothing is announced then.
 */
bool lwip_mdns_announce(struct netif *netif, const struct lwip_announcement *announcement);

#ifdef __cplusplus
}
#endif

#endif
