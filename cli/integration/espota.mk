# Uploads by espota-c from a Makefile. Set what is needed, then include this file:
#
#     ESPOTA_HOST      the device's address or name; several are possible
#     ESPOTA_IMAGE     the sketch, for `make upload`; a target or a file
#     ESPOTA_FS_IMAGE  the file system image, for `make upload-fs`
#     ESPOTA_PORT, ESPOTA_AUTH_FILE, ESPOTA_FLAGS  if need be
#
# Without a password file the variable ESPOTA_AUTH of the environment counts. Paths without spaces,
# as everywhere in make.
ESPOTA_C ?= espota-c

ESPOTA_COMMAND = $(ESPOTA_C) $(foreach host,$(ESPOTA_HOST),-i '$(host)') \
	$(if $(ESPOTA_PORT),-p $(ESPOTA_PORT)) \
	$(if $(ESPOTA_AUTH_FILE),--auth-file '$(ESPOTA_AUTH_FILE)') $(ESPOTA_FLAGS)

# `make` alone must not update devices: the first target is that of the Makefile that includes this.
ESPOTA_DEFAULT_GOAL := $(.DEFAULT_GOAL)

.PHONY: upload upload-fs

# A missing image is told by espota-c.
upload: $(ESPOTA_IMAGE)
	$(ESPOTA_COMMAND) -f '$(ESPOTA_IMAGE)'

upload-fs: $(ESPOTA_FS_IMAGE)
	$(ESPOTA_COMMAND) -s -f '$(ESPOTA_FS_IMAGE)'

.DEFAULT_GOAL := $(ESPOTA_DEFAULT_GOAL)
