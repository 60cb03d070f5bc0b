/*
 * What the server needs for TLS: a certificate with its chain, and its key.
 */
#ifndef CLI_HTTP_TLS_H
#define CLI_HTTP_TLS_H

#include "cli/failure.h"

struct ssl_ctx_st;

/*
 * Read both from PEM files, which may be the same one; the certificate comes first in its file,
 * those it was signed by follow. TLS 1.2 and later. NULL, with `failure` filled in
 * (EXIT_LOCAL_FAILURE), which names the file: it cannot be read, holds no certificate or no key,
 * the key is encrypted, or is another certificate's. Free with http_tls_free().
 *
 * When the files were replaced, make another, and give it to http_server_set_tls().
 */
struct ssl_ctx_st *http_tls_new(const char *certificate, const char *key, struct failure *failure);

/* Connections that use it keep it alive. NULL is allowed. */
void http_tls_free(struct ssl_ctx_st *tls);

#endif
