/*
 * Members of a rollout that want a password which nobody has given; for rollout.c alone.
 */
#ifndef CLI_MEMBER_PASSWORD_H
#define CLI_MEMBER_PASSWORD_H

#include "cli/push/member.h"

/* Ask for the password of those who want one, and have them wait for their turn with it. */
void members_ask_password(struct rollout *rollout);

#endif
