/*
 * DNS messages made by hand, right or wrong: whatever is put in is what is sent.
 */
#ifndef TESTS_MDNS_DNS_MESSAGE_H
#define TESTS_MDNS_DNS_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of the largest: what UDP over IPv4 carries. */
#define DNS_MESSAGE_MAX 65507

#define DNS_HEADER_SIZE 12

enum dns_type {
    DNS_A = 1,
    DNS_PTR = 12,
    DNS_TXT = 16,
    DNS_SRV = 33,
};

/* Classes: that of the Internet, without and with "forget what you knew". */
#define DNS_SHARED 0x0001
#define DNS_UNIQUE 0x8001

struct dns_message {
    uint8_t bytes[DNS_MESSAGE_MAX];
    size_t len;
};

/* Bytes of any kind; a label, when it has at most 63. */
struct dns_bytes {
    const void *at;
    size_t len;
};

#define DNS_TEXT(text) ((struct dns_bytes){ (text), sizeof(text) - 1 })

/* Begin an answer without records. */
void dns_begin(struct dns_message *message);

/* Say how many records it has. */
void dns_set_count(struct dns_message *message, unsigned answers);

/* Put bytes, or a number in two; what does not fit any more is dropped. */
void dns_put(struct dns_message *message, const void *bytes, size_t len);
void dns_put_16(struct dns_message *message, unsigned number);

/* One more label of a name, and a name's rest: "._arduino._tcp.local", ".local". */
void dns_put_label(struct dns_message *message, struct dns_bytes label);
void dns_put_service(struct dns_message *message, const char *service);
void dns_put_local(struct dns_message *message);

/*
 * What follows a record's name: type, class, time to live in seconds. Returns where its length is
 * to be put by dns_end_data(), once its data has been put.
 */
size_t dns_begin_data(struct dns_message *message, enum dns_type type, unsigned class,
                      uint32_t ttl);
void dns_end_data(struct dns_message *message, size_t at);

/* What a device announces. */
struct dns_device {
    struct dns_bytes label;  /* of the instance */
    struct dns_bytes host;   /* a label, of ".local" */
    struct dns_bytes txt;    /* as on the wire */
    const char *service;     /* "_arduino" */
    const char *shown_under; /* the service whose instance it says to be; NULL: the same */
    unsigned port;
    uint32_t ttl;     /* 0 takes it back */
    uint32_t address; /* IPv4, in network byte order */
};

/* Put its four records: PTR, SRV, TXT, A. */
#define DNS_DEVICE_RECORDS 4
void dns_put_device(struct dns_message *message, const struct dns_device *device);

#endif
