#include "cli/serve/background.h"

#include "cli/serve/quiet_thread.h"

#include <errno.h>
#include <event2/event.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct background {
    struct background_work work;
    struct event *told; /* that the work is done */
    int fd;             /* by this */
    bool busy;          /* the loop's */
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t called;
    bool wanted;
    bool ends;
};

/* Wait to be called; false when it ends. */
static bool wait_for_call(struct background *background)
{
    pthread_mutex_lock(&background->mutex);
    while (!background->wanted && !background->ends)
        pthread_cond_wait(&background->called, &background->mutex);
    background->wanted = false;
    bool ends = background->ends;
    pthread_mutex_unlock(&background->mutex);
    return !ends;
}

static void *run(void *ctx)
{
    struct background *background = ctx;

    while (wait_for_call(background)) {
        background->work.work(background->work.ctx);
        eventfd_write(background->fd, 1);
    }
    return NULL;
}

static void on_told(evutil_socket_t fd, short what, void *arg)
{
    struct background *background = arg;
    eventfd_t count;

    (void)what;
    if (eventfd_read(fd, &count) != 0)
        return;
    background->busy = false;
    background->work.done(background->work.ctx);
}

static void release(struct background *background)
{
    if (background->told)
        event_free(background->told);
    if (background->fd >= 0)
        close(background->fd);
    pthread_cond_destroy(&background->called);
    pthread_mutex_destroy(&background->mutex);
    free(background);
}

struct background *background_start(struct event_base *base, const struct background_work *work)
{
    struct background *background = calloc(1, sizeof *background);

    if (!background)
        return NULL;
    background->work = *work;
    pthread_mutex_init(&background->mutex, NULL);
    pthread_cond_init(&background->called, NULL);
    background->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int error = background->fd < 0 ? errno : ENOMEM;
    if (background->fd >= 0)
        background->told =
            event_new(base, background->fd, EV_READ | EV_PERSIST, on_told, background);
    if (background->told && event_add(background->told, NULL) == 0)
        error = quiet_thread_start(&background->thread, run, background);
    if (error == 0)
        return background;
    release(background);
    errno = error;
    return NULL;
}

bool background_is_busy(const struct background *background)
{
    return background->busy;
}

void background_call(struct background *background)
{
    background->busy = true;
    pthread_mutex_lock(&background->mutex);
    background->wanted = true;
    pthread_cond_signal(&background->called);
    pthread_mutex_unlock(&background->mutex);
}

void background_stop(struct background *background)
{
    if (!background)
        return;
    pthread_mutex_lock(&background->mutex);
    background->ends = true;
    pthread_cond_signal(&background->called);
    pthread_mutex_unlock(&background->mutex);
    pthread_join(background->thread, NULL);
    release(background);
}
