/*
 * The UDP ports at which the stock devices of each family wait for invitations.
 */
#ifndef CLI_STOCK_PORTS_H
#define CLI_STOCK_PORTS_H

#define PORT_ESP8266 8266
#define PORT_ESP32   3232
#define PORT_PICO    2040

#endif
