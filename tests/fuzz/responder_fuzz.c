/*
 * The responder as an attacker sees it: the input is a script of datagrams, stream bytes, closings,
 * full sockets, failing flash and passing time. After every step the invariants are checked:
 *
 * - no rule of flash is broken, and nothing is changed but the slot that is not active and the
 *   records;
 * - the record always names sketches that flash holds, with that MD5, but for a slot that is marked
 *   as being written;
 * - "updated" is told only when the record has changed, or the image is the confirmed sketch, and
 *   "OK" only after it;
 * - connections go to an address that invited, and there is one at a time;
 * - with a password, nothing is changed without a right proof;
 * - given time and no more input, the responder is idle again or wishes to restart.
 */
#include "tests/fuzz/responder_world.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A right invitation, whose size and command the script chooses. */
static void invite(struct world *w)
{
    uint8_t choice = next_byte(w);
    struct ota_address from = host(choice % HOSTS);
    struct invitation invitation = { .command = choice & 0x80 ? 100 : 0, .port = 4711 };
    char text[INVITATION_MAX];
    size_t len;

    invitation.size = ((uint64_t)next_byte(w) << 7) + (choice >> 2 & 31);
    if (invitation.size <= sizeof w->image)
        sketch_md5(w->image, (size_t)invitation.size, invitation.md5);
    w->invited[from.bytes[3]] = true;
    len = invitation_format(&invitation, text, sizeof text);
    ota_responder_on_datagram(&w->responder, &from, text, len, w->now);
}

/* A proof for the last challenge, right or wrong. */
static void prove(struct world *w)
{
    uint8_t choice = next_byte(w);
    struct ota_address from = host(choice % HOSTS);
    struct challenge challenge;
    struct proof proof;
    uint8_t random[DIGEST_SHA256_SIZE] = { choice };
    char text[PROOF_MAX];
    size_t len;

    if (!challenge_parse(&challenge, w->challenge, strlen(w->challenge)) ||
        !proof_make(&proof, &challenge, &w->password, random))
        return;
    if (choice & 0x80)
        proof.response[choice & 31] = proof.response[choice & 31] == '0' ? '1' : '0';
    len = proof_format(&proof, text, sizeof text);
    w->invited[from.bytes[3]] = true;
    ota_responder_on_datagram(&w->responder, &from, text, len, w->now);
}

/* Bytes of the script as a datagram. */
static void send_raw(struct world *w)
{
    uint8_t len = next_byte(w);
    struct ota_address from = host(len % HOSTS);
    char *copy;

    if (len > w->left)
        len = (uint8_t)w->left;
    copy = malloc(len + 1u);
    if (!copy)
        return;
    memcpy(copy, w->script, len);
    w->script += len;
    w->left -= len;
    w->invited[from.bytes[3]] = true;
    ota_responder_on_datagram(&w->responder, &from, copy, len, w->now);
    free(copy);
}

/* Bytes of the image on the connection, a few of them wrong if the script says so. */
static void stream(struct world *w)
{
    uint8_t choice = next_byte(w);
    size_t len = (size_t)next_byte(w) * 16 + (choice & 15);
    uint8_t *copy;

    if (!w->is_open || !w->is_connected || w->is_closed_by_peer)
        return;
    if (len > sizeof w->image - w->offered)
        len = sizeof w->image - w->offered;
    copy = malloc(len + 1);
    if (!copy)
        return;
    memcpy(copy, w->image + w->offered, len);
    if (choice & 0x80)
        copy[0] ^= choice;
    size_t taken = ota_responder_on_stream(&w->responder, copy, len, w->now);
    demand(taken <= len);
    w->offered += taken;
    free(copy);
}

static void fail_flash(struct world *w)
{
    uint8_t choice = next_byte(w);
    unsigned nth = (choice >> 2 & 31) + 1u;

    w->nor.failure = choice & 1 ? NOR_CUT_HALF : NOR_CUT_AFTER;
    if (choice & 2)
        w->nor.fail_erase = nth;
    else
        w->nor.fail_write = nth;
}

static void poll_for_a_while(struct world *w, unsigned times)
{
    while (times-- > 0) {
        uint64_t before = w->nor.operations + w->nor.counts.reads;
        if (ota_responder_poll(&w->responder, w->now) != 0)
            times = 0;
        demand(w->nor.operations + w->nor.counts.reads - before <= 1);
    }
}

static void connection_event(struct world *w, bool closes)
{
    if (!w->is_open || w->is_closed_by_peer)
        return;
    if (closes) {
        w->is_closed_by_peer = true;
        ota_responder_on_closed(&w->responder);
    } else if (!w->is_connected) {
        w->is_connected = true;
        ota_responder_on_connected(&w->responder, w->now);
    }
}

static void step(struct world *w)
{
    switch (next_byte(w) % 11) {
    case 0:
        invite(w);
        break;
    case 1:
        prove(w);
        break;
    case 2:
        send_raw(w);
        break;
    case 3:
        connection_event(w, false);
        break;
    case 4:
    case 5:
        stream(w);
        break;
    case 6:
        poll_for_a_while(w, 200);
        break;
    case 7:
        w->now += (uint32_t)next_byte(w) * 64;
        poll_for_a_while(w, 1);
        break;
    case 8:
        connection_event(w, true);
        break;
    case 9:
        w->room = next_byte(w);
        if (w->is_open && w->is_connected)
            ota_responder_on_sendable(&w->responder, w->now);
        break;
    default:
        fail_flash(w);
        break;
    }
}

static void check(struct world *w)
{
    struct ota_record record;
    enum ota_record_state state;

    demand(w->nor.broken == NOR_RULES_KEPT);
    demand(w->may_change || w->nor.operations == w->changes);
    if (w->nor.operations == w->checked)
        return;
    w->checked = w->nor.operations;
    state = ota_record_read(&w->nor.flash, &w->layout, &record);
    demand(state == OTA_RECORD_FOUND || state == OTA_RECORD_EMPTY);
    if (state == OTA_RECORD_FOUND) {
        check_slot(w, &record, 0);
        check_slot(w, &record, 1);
    }
    demand(!w->updated || record.sequence != w->first.sequence ||
           ota_updater_is_unchanged(&w->updater));
    demand(memcmp(&record.slot[w->first.active], &w->first.slot[w->first.active],
                  sizeof record.slot[0]) == 0);
}

/* Bounded time after the last event: idle, or the wish to restart. */
static void wind_down(struct world *w)
{
    for (unsigned i = 0; i < 8; i++) {
        poll_for_a_while(w, 10000);
        w->now += 10000;
    }
    poll_for_a_while(w, 10000);
    demand(ota_responder_is_idle(&w->responder) || w->restarted);
    demand(!w->is_open);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world *w = &world;

    memset(w, 0, sizeof *w);
    w->script = data;
    w->left = size;
    begin(w);
    while (w->left > 0) {
        step(w);
        check(w);
        if (w->restarted)
            restart(w);
    }
    wind_down(w);
    check(w);
    return 0;
}
