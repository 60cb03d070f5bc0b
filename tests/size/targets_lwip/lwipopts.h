/*
 * Options for compiling the port to lwIP alone, for any core: what it needs is switched on, nothing
 * is tuned.
 */
#ifndef LWIPOPTS_H
#define LWIPOPTS_H

#define NO_SYS                         1
#define SYS_LIGHTWEIGHT_PROT           0
#define LWIP_SOCKET                    0
#define LWIP_NETCONN                   0
#define LWIP_NETIF_API                 0
#define MEM_ALIGNMENT                  4
#define LWIP_IPV4                      1
#define LWIP_IPV6                      0
#define LWIP_UDP                       1
#define LWIP_TCP                       1
#define LWIP_IGMP                      1
#define LWIP_DHCP                      1
#define LWIP_MDNS_RESPONDER            1
#define LWIP_NUM_NETIF_CLIENT_DATA     1
#define LWIP_NETIF_EXT_STATUS_CALLBACK 1
#define PBUF_POOL_SIZE                 32

#endif
