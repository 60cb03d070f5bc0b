/*
 * QEMU's machine protocol (QMP: a line of JSON per message, on a Unix socket), as little of it as
 * tests need. Every failure ends the test.
 */
#ifndef TESTS_E2E_SF2_QMP_H
#define TESTS_E2E_SF2_QMP_H

#include <stdint.h>

/* Characters, with NUL, of an answer. */
#define QMP_ANSWER_MAX 8192

/* Connect to the socket as soon as QEMU has made it, and be ready for commands. Its descriptor. */
int qmp_open(const char *path);

/* Do a command that has no arguments, as "stop", and wait until it is done. */
void qmp_do(int qmp, const char *command);

/*
 * What the monitor for people says to a line, as it is in JSON: line ends are the four characters
 * \r\n. The line may hold nothing that JSON escapes.
 */
void qmp_ask(int qmp, const char *line, char answer[QMP_ANSWER_MAX]);

/* The word at an address of the guest's memory. */
uint32_t qmp_word(int qmp, uint32_t address);

/* The UDP port of this machine that QEMU forwards to the guest. */
uint16_t qmp_forwarded_port(int qmp);

/* Close unless it is -1, and make it -1. */
void qmp_close(int *qmp);

#endif
