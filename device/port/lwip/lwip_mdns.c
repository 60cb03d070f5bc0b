#include "lwip_mdns.h"

#include <lwip/apps/mdns.h>
#include <string.h>

#if !LWIP_MDNS_RESPONDER || !MDNS_RESP_USENETIF_EXTCALLBACK
#error "lwip_mdns needs LWIP_MDNS_RESPONDER and LWIP_NETIF_EXT_STATUS_CALLBACK"
#endif

#define BOARD_KEY "board="
_Static_assert(sizeof BOARD_KEY - 1 + LWIP_MDNS_BOARD_MAX == MDNS_LABEL_MAXLEN,
               "a TXT item of lwIP's holds 63 characters");
_Static_assert(LWIP_MDNS_NAME_MAX == MDNS_LABEL_MAXLEN, "a name is one label");

/* For which others may remember the records: as RFC 6762, section 10, for names of hosts. */
#define RECORD_TTL_S 120

static bool name_is_usable(const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789-";
    size_t len = strlen(name);

    return len > 0 && len <= LWIP_MDNS_NAME_MAX && strspn(name, allowed) == len;
}

static bool board_is_usable(const char *board)
{
    size_t len = strlen(board);

    return len > 0 && len <= LWIP_MDNS_BOARD_MAX;
}

/* Without memory for one item the others still go out. */
static void add_text(struct mdns_service *service, const char *text)
{
    (void)mdns_resp_add_service_txtitem(service, text, (u8_t)strlen(text));
}

static void fill_text(struct mdns_service *service, void *userdata)
{
    const struct lwip_announcement *announcement = userdata;
    char board[MDNS_LABEL_MAXLEN + 1] = BOARD_KEY;

    strncat(board, announcement->board, LWIP_MDNS_BOARD_MAX);
    add_text(service, "tcp_check=no");
    add_text(service, "ssh_upload=no");
    add_text(service, board);
    add_text(service, announcement->auth ? "auth_upload=yes" : "auth_upload=no");
}

bool lwip_mdns_announce(struct netif *netif, const struct lwip_announcement *announcement)
{
    /* lwIP's responder is one for all interfaces, and can neither be asked nor ended. */
    static bool started;
    union {
        const struct lwip_announcement *in;
        void *out;
    } userdata = { .in = announcement };

    if (!name_is_usable(announcement->name) || !board_is_usable(announcement->board))
        return false;
    if (!started)
        mdns_resp_init();
    started = true;
    if (mdns_resp_add_netif(netif, announcement->name, RECORD_TTL_S) != ERR_OK)
        return false;
    if (mdns_resp_add_service(netif, announcement->name, "_arduino", DNSSD_PROTO_TCP,
                              announcement->port, RECORD_TTL_S, fill_text, userdata.out) >= 0)
        return true;
    (void)mdns_resp_remove_netif(netif);
    return false;
}
