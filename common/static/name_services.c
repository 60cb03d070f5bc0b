#include "name_services.h"

#include <nss.h>

__attribute__((constructor)) void name_services_choose(void)
{
    /* What else might be looked up for getaddrinfo() comes from the same places. */
    __nss_configure_lookup("hosts", "files dns");
    __nss_configure_lookup("services", "files");
    __nss_configure_lookup("protocols", "files");
    __nss_configure_lookup("networks", "files");
    __nss_configure_lookup("passwd", "files");
    __nss_configure_lookup("group", "files");
}
