/*
 * Asking at once. avahi puts a question after 0.1 s, and again at 1, 3, 7 ... s; there is no way to
 * put it in between: a question that is closed lives on in its core until its next turn, and one
 * that is opened meanwhile takes its place, unasked. Where packets get lost, somebody who waits
 * cannot.
 */
#ifndef CLI_MDNS_ASK_H
#define CLI_MDNS_ASK_H

/*
 * Send a question for MDNS_SERVICE, over IPv4 and IPv6, on the interface with this index, or with 0
 * on all that avahi would use. Answers go to everybody, and so to whatever browses. What cannot be
 * sent is not: the questions that avahi puts remain. Returns how many were sent, one for
 * each interface and version of IP.
 */
unsigned mdns_ask(unsigned interface);

#endif
