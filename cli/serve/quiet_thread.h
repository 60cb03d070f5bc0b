/*
 * Threads that get no signals: they are for the server's own.
 */
#ifndef CLI_QUIET_THREAD_H
#define CLI_QUIET_THREAD_H

#include <pthread.h>

/* As pthread_create() with the usual attributes; returns an errno, or 0. */
int quiet_thread_start(pthread_t *thread, void *(*run)(void *ctx), void *ctx);

#endif
