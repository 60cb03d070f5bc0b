/*
 * The two sockets of an upload on this machine: the UDP one that invites, and the TCP one on which
 * the device calls back. All are non-blocking and closed on exec.
 */
#ifndef CLI_ENDPOINT_H
#define CLI_ENDPOINT_H

#include "cli/address.h"
#include "cli/failure.h"
#include "cli/parse.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Open a UDP socket connected to `device`, so that only its datagrams arrive and an ICMP error is
 * reported. It is bound to `bind_to` unless that has no address. `local` receives the host
 * that the device sees as the invitation's source; its port means nothing. Returns the descriptor,
 * or -1 with `failure` filled in.
 */
int endpoint_open_udp(const struct address *device, const struct address *bind_to,
                      struct address *local, struct failure *failure);

/*
 * Listen for TCP on `local`'s host, on the first free port of the range, which is stored in
 * `local`. Returns the descriptor, or -1 with `failure` filled in and errno set.
 */
int endpoint_listen(struct address *local, struct port_range range, struct failure *failure);

#endif
