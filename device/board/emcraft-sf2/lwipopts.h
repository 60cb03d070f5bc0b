/*
 * lwIP 2.1.3 on the board: IPv4, UDP, TCP, DHCP and mDNS by the raw API, without threads, with all
 * of its memory static. Sized for one TCP connection that receives; see also lwip_net.h,
 * lwip_mdns.h.
 */
#ifndef LWIPOPTS_H
#define LWIPOPTS_H

/* In one main loop; interrupts do not touch lwIP. */
#define NO_SYS                  1
#define SYS_LIGHTWEIGHT_PROT    0
#define LWIP_SOCKET             0
#define LWIP_NETCONN            0
#define LWIP_NETIF_API          0
#define LWIP_TCPIP_CORE_LOCKING 0

/* Protocols. Nothing that is for us comes in fragments. */
#define LWIP_IPV4           1
#define LWIP_IPV6           0
#define LWIP_ARP            1
#define LWIP_ETHERNET       1
#define LWIP_ICMP           1
#define LWIP_IGMP           1
#define LWIP_RAW            0
#define LWIP_UDP            1
#define LWIP_TCP            1
#define LWIP_DNS            0
#define LWIP_DHCP           1
#define LWIP_AUTOIP         0
#define IP_FORWARD          0
#define IP_REASSEMBLY       0
#define IP_FRAG             0
#define LWIP_BROADCAST_PING 0
#define LWIP_MULTICAST_PING 0

/* Behind the frame's 14 bytes, headers begin at words. */
#define ETH_PAD_SIZE  2
#define MEM_ALIGNMENT 4

/* Memory. The heap holds what is sent, the DHCP client, and mDNS's names. */
#define MEM_LIBC_MALLOC 0
#define MEMP_MEM_MALLOC 0
#define MEM_SIZE        (16 * 1024)

/* Frames: 16 that the responder has not taken, 9 that lwIP holds back, 16 out of order; the rest
 * for whoever else talks to us. One frame, with its checksum, in each. */
#define PBUF_POOL_SIZE    64
#define PBUF_POOL_BUFSIZE 1536
#define MEMP_NUM_PBUF     16

/* Ours, DHCP's, mDNS's, and one to spare. */
#define MEMP_NUM_UDP_PCB        4
/* One in use, one that is being closed, and some that lwIP winds down. */
#define MEMP_NUM_TCP_PCB        5
#define MEMP_NUM_TCP_PCB_LISTEN 1
#define MEMP_NUM_TCP_SEG        48
/* The second: mDNS probing. */
#define MEMP_NUM_SYS_TIMEOUT    (LWIP_NUM_SYS_TIMEOUT_INTERNAL + 2)
#define MEMP_NUM_IGMP_GROUP     4

/* TCP: the peer may have 8 segments under way; what we send is a few digits each. */
#define TCP_MSS             1460
#define TCP_WND             (8 * TCP_MSS)
#define TCP_SND_BUF         (4 * TCP_MSS)
#define TCP_SND_QUEUELEN    24
#define TCP_QUEUE_OOSEQ     1
#define TCP_OOSEQ_MAX_BYTES TCP_WND
#define TCP_OOSEQ_MAX_PBUFS 16
#define LWIP_TCP_KEEPALIVE  0
#define LWIP_TCP_TIMESTAMPS 0
#define LWIP_CALLBACK_API   1

/* A board that restarts must not take the ports and numbers of its last life. */
#define LWIP_RANDOMIZE_INITIAL_LOCAL_PORTS                              1
#define LWIP_HOOK_TCP_ISN(local_ip, local_port, remote_ip, remote_port) LWIP_RAND()

/* Keep from lwIP what would make it assert. */
#define LWIP_HOOK_FILENAME                                                "device/port/lwip/lwip_admit.h"
#define LWIP_HOOK_TCP_INPACKET_PCB(pcb, header, optlen, opt1len, opt2, p) lwip_admit(pcb, header, p)

/* DHCP: that nobody else has the address is left to the server, or it would cost half a second. */
#define DHCP_DOES_ARP_CHECK 0
#define LWIP_NETIF_HOSTNAME 1

/* Two packets to a new neighbour, "OK" and the connection, wait for its address: not for the last
 * one alone. */
#define ARP_QUEUEING       1
#define MEMP_NUM_ARP_QUEUE 8

/* mDNS. */
#define LWIP_MDNS_RESPONDER            1
#define MDNS_MAX_SERVICES              1
#define LWIP_NUM_NETIF_CLIENT_DATA     1
#define LWIP_NETIF_EXT_STATUS_CALLBACK 1

/* Software computes and checks all sums, lwIP's defaults. Assertions are on: sf2_net_broken(). */
#define LWIP_STATS         1
#define LWIP_STATS_DISPLAY 0
#define LWIP_STATS_LARGE   1
#define MEM_STATS          1
#define MEMP_STATS         1
#define LINK_STATS         1
#define TCP_STATS          1

#endif
