#include "dns_message.h"

#include <string.h>

void dns_begin(struct dns_message *message)
{
    static const uint8_t header[DNS_HEADER_SIZE] = { 0, 0, 0x84 }; /* an answer, authoritative */

    message->len = 0;
    dns_put(message, header, sizeof header);
}

void dns_set_count(struct dns_message *message, unsigned answers)
{
    message->bytes[6] = (uint8_t)(answers >> 8);
    message->bytes[7] = (uint8_t)answers;
}

void dns_put(struct dns_message *message, const void *bytes, size_t len)
{
    if (len > sizeof message->bytes - message->len)
        return;
    memcpy(message->bytes + message->len, bytes, len);
    message->len += len;
}

void dns_put_16(struct dns_message *message, unsigned number)
{
    const uint8_t bytes[] = { (uint8_t)(number >> 8), (uint8_t)number };

    dns_put(message, bytes, sizeof bytes);
}

void dns_put_label(struct dns_message *message, struct dns_bytes label)
{
    const uint8_t len = (uint8_t)label.len;

    dns_put(message, &len, 1);
    dns_put(message, label.at, len);
}

void dns_put_service(struct dns_message *message, const char *service)
{
    dns_put_label(message, (struct dns_bytes){ service, strlen(service) });
    dns_put_label(message, DNS_TEXT("_tcp"));
    dns_put_local(message);
}

void dns_put_local(struct dns_message *message)
{
    dns_put_label(message, DNS_TEXT("local"));
    dns_put_label(message, DNS_TEXT(""));
}

size_t dns_begin_data(struct dns_message *message, enum dns_type type, unsigned class, uint32_t ttl)
{
    dns_put_16(message, type);
    dns_put_16(message, class);
    dns_put_16(message, ttl >> 16);
    dns_put_16(message, ttl & 0xFFFF);
    dns_put_16(message, 0);
    return message->len - 2;
}

void dns_end_data(struct dns_message *message, size_t at)
{
    size_t len = message->len - at - 2;

    message->bytes[at] = (uint8_t)(len >> 8);
    message->bytes[at + 1] = (uint8_t)len;
}

void dns_put_device(struct dns_message *message, const struct dns_device *device)
{
    size_t at;

    dns_put_service(message, device->shown_under ? device->shown_under : device->service);
    at = dns_begin_data(message, DNS_PTR, DNS_SHARED, device->ttl);
    dns_put_label(message, device->label);
    dns_put_service(message, device->service);
    dns_end_data(message, at);

    dns_put_label(message, device->label);
    dns_put_service(message, device->service);
    at = dns_begin_data(message, DNS_SRV, DNS_UNIQUE, device->ttl);
    dns_put_16(message, 0); /* priority */
    dns_put_16(message, 0); /* weight */
    dns_put_16(message, device->port);
    dns_put_label(message, device->host);
    dns_put_local(message);
    dns_end_data(message, at);

    dns_put_label(message, device->label);
    dns_put_service(message, device->service);
    at = dns_begin_data(message, DNS_TXT, DNS_UNIQUE, device->ttl);
    dns_put(message, device->txt.at, device->txt.len);
    dns_end_data(message, at);

    dns_put_label(message, device->host);
    dns_put_local(message);
    at = dns_begin_data(message, DNS_A, DNS_UNIQUE, device->ttl);
    dns_put(message, &device->address, sizeof device->address);
    dns_end_data(message, at);
}
