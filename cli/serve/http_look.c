#include "cli/serve/http_look.h"

#include "cli/serve/http_peer.h"

#include <event2/buffer.h>
#include <stdlib.h>

/* Pieces of an evbuffer that one read can fill, and more. */
#define PIECES 8

static void show(struct http_guard *guard, struct evbuffer *input, size_t count)
{
    struct evbuffer_iovec pieces[PIECES];
    struct evbuffer_ptr from;

    evbuffer_ptr_set(input, &from, evbuffer_get_length(input) - count, EVBUFFER_PTR_SET);
    int n = evbuffer_peek(input, (ev_ssize_t)count, &from, pieces, PIECES);
    for (int i = 0; i < n && i < PIECES && count > 0; i++) {
        size_t len = pieces[i].iov_len < count ? pieces[i].iov_len : count;
        http_guard_take(guard, pieces[i].iov_base, len);
        count -= len;
    }
    /* What was not looked at is not right. */
    if (count > 0 && guard->status == 0) {
        guard->status = 400;
        guard->why = "The request came in too many pieces.";
    }
}

/* Add the last `count` bytes of the input to what is kept; without memory less is known. */
static void keep(struct http_peer *peer, struct evbuffer *input, size_t count)
{
    size_t room = HTTP_LOOK_KEPT - peer->kept_len;
    size_t len = count < room ? count : room;
    char *larger = len > 0 ? realloc(peer->kept, peer->kept_len + len) : NULL;
    struct evbuffer_ptr from;

    if (!larger)
        return;
    peer->kept = larger;
    evbuffer_ptr_set(input, &from, evbuffer_get_length(input) - count, EVBUFFER_PTR_SET);
    ev_ssize_t copied = evbuffer_copyout_from(input, &from, larger + peer->kept_len, len);
    if (copied > 0)
        peer->kept_len += (size_t)copied;
}

void http_look(struct http_peer *peer, struct evbuffer *input, size_t count)
{
    struct http_guard *guard = &peer->guard;
    uint32_t before = guard->requests;

    if (guard->size == 0)
        http_look_forget(peer);
    show(guard, input, count);
    if (guard->requests == before || (guard->odd && guard->size == 0)) {
        keep(peer, input, count);
        return;
    }
    /* Most heads come in one piece, and then nothing was kept, nor is there a next one yet. */
    http_look_forget(peer);
    if (guard->status == 0)
        keep(peer, input, guard->size);
}

void http_look_gist(const struct http_peer *peer, struct http_gist *gist)
{
    http_gist_read(gist, peer->kept, peer->kept_len);
}

void http_look_forget(struct http_peer *peer)
{
    free(peer->kept);
    peer->kept = NULL;
    peer->kept_len = 0;
}
