/*
 * lwIP on the host, for tests: both IP versions, all memory from a heap that can be made to fail,
 * and windows as small as a microcontroller's.
 */
#ifndef LWIPOPTS_H
#define LWIPOPTS_H

#define NO_SYS               1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_SOCKET          0
#define LWIP_NETCONN         0
#define LWIP_NETIF_API       0

#define LWIP_IPV4                     1
#define LWIP_IPV6                     1
/* The interface has no neighbours. */
#define LWIP_ARP                      0
#define LWIP_ETHERNET                 0
#define LWIP_IPV6_DUP_DETECT_ATTEMPTS 0
#define LWIP_IPV6_AUTOCONFIG          0
#define LWIP_IPV6_SEND_ROUTER_SOLICIT 0
#define LWIP_IPV6_MLD                 0
#define LWIP_NETIF_LOOPBACK           0
#define LWIP_HAVE_LOOPIF              0
#define IP_REASSEMBLY                 0
#define IP_FRAG                       0
#define LWIP_IPV6_REASS               0
#define LWIP_IPV6_FRAG                0

/* Each piece of memory is one of its own, so that sanitizers see its bounds and its end. */
#define MEM_ALIGNMENT   8
#define MEM_LIBC_MALLOC 1
#define MEMP_MEM_MALLOC 1
#define mem_clib_malloc lwip_test_malloc
#define mem_clib_calloc lwip_test_calloc
#define mem_clib_free   lwip_test_free
#define PBUF_POOL_SIZE  64

#define MEMP_NUM_TCP_PCB    5
#define MEMP_NUM_TCP_SEG    64
#define TCP_MSS             1460
#define TCP_WND             (8 * TCP_MSS)
#define TCP_SND_BUF         (4 * TCP_MSS)
#define TCP_SND_QUEUELEN    24
#define TCP_OOSEQ_MAX_PBUFS 16
#define TCP_OOSEQ_MAX_BYTES TCP_WND
/* Closed connections go soon, so that more of them can be made. */
#define TCP_MSL             1000

#define LWIP_HOOK_FILENAME                                                "device/port/lwip/lwip_admit.h"
#define LWIP_HOOK_TCP_INPACKET_PCB(pcb, header, optlen, opt1len, opt2, p) lwip_admit(pcb, header, p)

#define LWIP_RANDOMIZE_INITIAL_LOCAL_PORTS 1
#define LWIP_STATS                         0

#endif
