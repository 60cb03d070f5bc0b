#include "cli/serve/http_tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* A server must not stop to ask for a password. `ctx` points to whether it would have had to. */
static int no_password(char *out, int size, int writing, void *ctx)
{
    bool *asked = ctx;

    (void)out;
    (void)size;
    (void)writing;
    *asked = true;
    return -1;
}

/* Say what OpenSSL has to say about a file, for it says it in two places. */
static bool failed(struct failure *failure, const char *path, const char *what)
{
    unsigned long error = ERR_peek_last_error();
    const char *reason = error != 0 ? ERR_reason_error_string(error) : NULL;
    FILE *file = fopen(path, "re");

    if (!file)
        failure_set(failure, EXIT_LOCAL_FAILURE, "%s: %s", failure_path(path), strerror(errno));
    else if (reason)
        failure_set(failure, EXIT_LOCAL_FAILURE, "%s: %s (%s)", failure_path(path), what, reason);
    else
        failure_set(failure, EXIT_LOCAL_FAILURE, "%s: %s", failure_path(path), what);
    if (file)
        fclose(file);
    ERR_clear_error();
    return false;
}

static bool load(SSL_CTX *tls, const char *certificate, const char *key, struct failure *failure)
{
    bool asked = false;

    SSL_CTX_set_default_passwd_cb(tls, no_password);
    SSL_CTX_set_default_passwd_cb_userdata(tls, &asked);
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(tls, certificate) != 1)
        return failed(failure, certificate, "has no certificate that can be used");
    /* OpenSSL checks it against the certificate at once. */
    bool ok = SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM) == 1;
    int reason = ERR_GET_REASON(ERR_peek_last_error());
    SSL_CTX_set_default_passwd_cb_userdata(tls, NULL);
    if (ok)
        return true;
    if (asked) {
        ERR_clear_error();
        return failed(failure, key, "its key is encrypted; give one that is not");
    }
    if (reason != X509_R_KEY_VALUES_MISMATCH && reason != X509_R_KEY_TYPE_MISMATCH)
        return failed(failure, key, "has no key that can be used");
    ERR_clear_error();
    return failure_set(failure, EXIT_LOCAL_FAILURE, "%s: its key is not that of %s",
                       failure_path(key), failure_path(certificate));
}

struct ssl_ctx_st *http_tls_new(const char *certificate, const char *key, struct failure *failure)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());

    if (!tls || SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION) != 1) {
        failure_set(failure, EXIT_LOCAL_FAILURE, "TLS: %s", strerror(ENOMEM));
        SSL_CTX_free(tls);
        return NULL;
    }
    SSL_CTX_set_options(tls, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE);
    /* Many may wait at once: without these, each holds on to 34 KiB. */
    SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS);
    /* Tickets suffice for those who come again; a cache is memory that strangers fill. */
    SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
    if (!load(tls, certificate, key, failure)) {
        SSL_CTX_free(tls);
        return NULL;
    }
    return tls;
}

void http_tls_free(struct ssl_ctx_st *tls)
{
    SSL_CTX_free(tls);
}
