"""Uploads by espota-c, of sketches and of file systems. In platformio.ini:

    upload_protocol = custom
    upload_port = 192.168.1.40
    upload_flags =
        --auth-file=ota-password.txt
    extra_scripts = post:/usr/share/espota-c/platformio/espota_c.py

The environment variable ESPOTA_C names the program, if it is not in PATH.
"""
import os

from SCons.Script import COMMAND_LINE_TARGETS

Import("env")  # noqa: F821, PlatformIO provides it

flags = ["--progress", "-i", '"$UPLOAD_PORT"']
if {"uploadfs", "uploadfsota"} & {str(target) for target in COMMAND_LINE_TARGETS}:
    flags.append("-s")
# SCons puts quotes around a file's path by itself, if need be.
env.Replace(  # noqa: F821
    UPLOADER=os.environ.get("ESPOTA_C", "espota-c"),
    UPLOADERFLAGS=flags,
    UPLOADCMD='"$UPLOADER" $UPLOADERFLAGS $UPLOAD_FLAGS -f $SOURCE',
)
