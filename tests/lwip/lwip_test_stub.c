#include "lwip_test_stub.h"

#include "device/port/lwip/lwip_address.h"
#include "lwip_test_platform.h"
#include "lwip_test_window.h"

#include <lwip/tcp.h>

/* More than lwIP takes at once. */
#define VERDICT_MAX 20000
#define ACK_SIZE    5

/* With nothing to blame, some timers of TCP's and no more may pass without anything happening. */
#define STALLED_MS 10000

/* Long enough for the port to be done with the connection before. */
#define REST_MS 4000

static struct lwip_test_stub *stub_of(struct ota_responder *responder)
{
    return (struct lwip_test_stub *)(void *)responder;
}

static bool chance(struct lwip_test_stub *stub, uint32_t permille)
{
    return sim_random_chance(&stub->random, permille);
}

/* --- What it does ----------------------------------------------------------------------------- */

static void leave(struct lwip_test_stub *stub)
{
    stub->calling = true;
    stub->net.net.close(stub->net.net.ctx);
    stub->calling = false;
    stub->talk->device_open = false;
    stub->connected = false;
    if (chance(stub, 500))
        stub->rests_until = lwip_test_elapsed() + REST_MS;
}

static void reach(struct lwip_test_stub *stub)
{
    struct ota_address to = { 0 };
    struct lwip_test_talk *talk = stub->talk;
    bool deaf = chance(stub, 50);
    ip_addr_t ip;

    lwip_test_wire_address(&ip, stub->ip);
    lwip_address_from_ip(&to, &ip, deaf ? LWIP_TEST_DEAF_PORT : LWIP_TEST_TCP_PORT);
    talk->number++;
    talk->faults = lwip_test_faults();
    talk->device_got = talk->device_sent = talk->peer_sent = 0;
    talk->peer_open = talk->peer_ended = false;
    stub->connected = stub->closed = stub->waits_for_room = false;
    stub->greedy = chance(stub, 300);
    stub->patient = chance(stub, 500);
    stub->verdict = stub->verdict_sent = 0;
    stub->moved_at = lwip_test_elapsed();
    stub->calling = true;
    talk->device_open = stub->net.net.connect(stub->net.net.ctx, &to);
    stub->calling = false;
    lwip_test_require(talk->device_open || !lwip_test_talk_is_calm(talk), "connect() failed");
    stub->counts[talk->device_open ? STORM_CONNECTIONS : STORM_UNREACHED]++;
    if (talk->device_open)
        talk->number_of_port[stub->net.tcp->local_port] = talk->number;
}

/* Returns as send(). */
static int32_t say(struct lwip_test_stub *stub, uint32_t len)
{
    struct lwip_test_talk *talk = stub->talk;
    uint8_t bytes[VERDICT_MAX];
    int32_t sent;

    lwip_test_talk_say(bytes, len, talk->number, true, talk->device_sent);
    stub->calling = true;
    sent = stub->net.net.send(stub->net.net.ctx, bytes, len);
    stub->calling = false;
    lwip_test_require(sent <= (int32_t)len, "send() took more than there was");
    if (sent < 0) {
        lwip_test_require(!stub->net.tcp || !lwip_test_talk_is_calm(talk), "send() failed");
        stub->counts[STORM_BROKEN]++;
        return sent;
    }
    talk->device_sent += (uint32_t)sent;
    stub->waits_for_room = (uint32_t)sent < len;
    return sent;
}

static void say_verdict(struct lwip_test_stub *stub)
{
    int32_t sent = say(stub, stub->verdict - stub->verdict_sent);

    stub->moved_at = lwip_test_elapsed();
    if (sent < 0)
        leave(stub);
    else
        stub->verdict_sent += (uint32_t)sent;
}

static void act(struct lwip_test_stub *stub)
{
    if (!stub->talk->device_open) {
        if (lwip_test_elapsed() >= stub->rests_until && chance(stub, 200))
            reach(stub);
    } else if (stub->verdict > 0 && stub->verdict_sent == stub->verdict) {
        if (chance(stub, 100))
            leave(stub);
    } else if (stub->connected && stub->verdict == 0 && chance(stub, 20)) {
        stub->verdict = sim_random_range(&stub->random, 1, VERDICT_MAX);
        say_verdict(stub);
    } else if (chance(stub, stub->patient && stub->net.tcp ? 0 : 5)) {
        leave(stub);
    }
}

/* --- What the port tells it ------------------------------------------------------------------- */

static struct lwip_test_stub *enter(struct ota_responder *responder)
{
    struct lwip_test_stub *stub = stub_of(responder);

    lwip_test_require(stub->polling, "the port calls from outside lwip_net_poll()");
    lwip_test_require(!stub->calling, "a function of struct ota_net calls the responder");
    return stub;
}

static struct lwip_test_stub *enter_connection(struct ota_responder *responder)
{
    struct lwip_test_stub *stub = enter(responder);

    lwip_test_require(stub->talk->device_open, "the port tells of a connection that is closed");
    stub->moved_at = lwip_test_elapsed();
    return stub;
}

void ota_responder_on_datagram(struct ota_responder *responder, const struct ota_address *from,
                               const void *bytes, size_t len, uint32_t now_ms)
{
    struct lwip_test_stub *stub = enter(responder);

    (void)now_ms;
    lwip_test_require(len <= LWIP_NET_DATAGRAM_MAX, "a datagram is longer than what is kept");
    lwip_test_require(lwip_test_talk_is_said(bytes, (uint32_t)len, (uint32_t)len, false, 0),
                      "a datagram has changed on its way");
    stub->counts[STORM_DATAGRAMS]++;
    stub->calling = true;
    stub->net.net.send_datagram(stub->net.net.ctx, from, bytes, len);
    stub->calling = false;
}

void ota_responder_on_connected(struct ota_responder *responder, uint32_t now_ms)
{
    struct lwip_test_stub *stub = enter_connection(responder);

    (void)now_ms;
    lwip_test_require(!stub->connected && !stub->closed, "on_connected() twice, or too late");
    stub->connected = true;
}

size_t ota_responder_on_stream(struct ota_responder *responder, const void *bytes, size_t len,
                               uint32_t now_ms)
{
    struct lwip_test_stub *stub = stub_of(responder);
    uint64_t moved_at = stub->moved_at;
    struct lwip_test_talk *talk = stub->talk;
    uint32_t taken = (uint32_t)len;

    (void)now_ms;
    (void)enter_connection(responder);
    lwip_test_require(stub->connected && !stub->closed, "bytes that are too early, or too late");
    lwip_test_require(len > 0, "no bytes");
    lwip_test_require(
        lwip_test_talk_is_said(bytes, (uint32_t)len, talk->number, false, talk->device_got),
        "the stream is not what the peer has sent");
    if (!stub->greedy)
        taken = chance(stub, 300) ? 0 : sim_random_range(&stub->random, 0, taken);
    talk->device_got += taken;
    stub->counts[STORM_BYTES] += taken;
    if (taken == 0)
        stub->moved_at = moved_at;
    else if (stub->verdict == 0)
        (void)say(stub, ACK_SIZE);
    if (!stub->patient && chance(stub, 2))
        leave(stub);
    return taken;
}

void ota_responder_on_sendable(struct ota_responder *responder, uint32_t now_ms)
{
    struct lwip_test_stub *stub = enter_connection(responder);

    (void)now_ms;
    lwip_test_require(stub->connected && stub->waits_for_room, "room that nobody waits for");
    stub->waits_for_room = false;
    stub->counts[STORM_ROOM]++;
    if (stub->verdict > 0)
        say_verdict(stub);
}

void ota_responder_on_closed(struct ota_responder *responder)
{
    struct lwip_test_stub *stub = enter_connection(responder);
    const struct lwip_test_talk *talk = stub->talk;

    lwip_test_require(!stub->closed, "on_closed() twice");
    stub->closed = true;
    stub->counts[STORM_ENDS]++;
    /* In order, not by a reset. */
    if (stub->net.tcp)
        lwip_test_require(talk->peer_ended && talk->device_got == talk->peer_sent,
                          "the end was told before the last byte");
    if (chance(stub, 500))
        leave(stub);
}

uint32_t ota_responder_poll(struct ota_responder *responder, uint32_t now_ms)
{
    struct lwip_test_stub *stub = enter(responder);

    (void)now_ms;
    act(stub);
    return chance(stub, 500) ? 0 : 7;
}

/* --- Looking ---------------------------------------------------------------------------------- */

static void check_progress(const struct lwip_test_stub *stub)
{
    const struct lwip_test_talk *talk = stub->talk;

    if (!talk->device_open || !lwip_test_talk_is_calm(talk) ||
        lwip_test_elapsed() - stub->moved_at < STALLED_MS)
        return;
    lwip_test_require(stub->connected || stub->closed, "a connection is neither made nor given up");
    if (!talk->peer_open)
        return;
    lwip_test_require(talk->device_got == talk->peer_sent, "the stream stands still");
    lwip_test_require(stub->closed || !talk->peer_ended, "the end of the stream is not told");
    lwip_test_require(!stub->waits_for_room, "there is never room again");
}

void lwip_test_stub_open(struct lwip_test_stub *stub, struct lwip_test_talk *talk,
                         struct sim_random random, enum lwip_test_ip ip, uint64_t *counts)
{
    *stub = (struct lwip_test_stub){
        .talk = talk,
        .random = random,
        .ip = ip,
        .counts = counts,
    };
    lwip_test_require(lwip_net_open(&stub->net, LWIP_TEST_UDP_PORT), "the port does not open");
    lwip_net_attach(&stub->net, &stub->responder);
}

/* Nothing is forgotten, and nothing lasts. */
static void check_delay(const struct lwip_net *net, uint32_t delay)
{
    uint32_t closing_ms = lwip_test_now() - net->closing.since;

    lwip_test_require(delay == 0 || (!net->input && net->datagram_count == 0),
                      "something waits, and the port wants no poll");
    if (!net->closing.pcb)
        return;
    lwip_test_require(closing_ms < LWIP_CLOSING_MS, "a closed connection is kept too long");
    lwip_test_require(delay <= LWIP_CLOSING_MS - closing_ms, "the port wants a poll too late");
}

void lwip_test_stub_poll(struct lwip_test_stub *stub)
{
    uint32_t delay;

    stub->polling = true;
    delay = lwip_net_poll(&stub->net, lwip_test_now());
    stub->polling = false;
    (void)lwip_test_window_check(&stub->net);
    check_delay(&stub->net, delay);
    check_progress(stub);
}

void lwip_test_stub_close(struct lwip_test_stub *stub)
{
    lwip_net_close(&stub->net);
    stub->talk->device_open = false;
}
