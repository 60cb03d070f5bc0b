"""Runs an extra script of PlatformIO's with just enough of its build environment, and prints the
command that an upload would run.

    platformio_stub.py SCRIPT TARGET UPLOAD_PORT=HOST UPLOAD_FLAG... SOURCE
"""
import re
import sys
import types


class Environment:
    def __init__(self, values):
        self.values = values

    def Replace(self, **values):
        self.values.update(values)

    def subst(self, text):
        """As SCons does: lists become words, unknown names nothing, names in values count."""
        def value(match):
            found = self.values.get(match[1], "")
            return " ".join(found) if isinstance(found, list) else str(found)

        while re.search(r"\$\w+", text):
            text = re.sub(r"\$(\w+)", value, text)
        return text


script, target, port, *flags, source = sys.argv[1:]
scons = types.ModuleType("SCons.Script")
scons.COMMAND_LINE_TARGETS = [target]
sys.modules["SCons"] = types.ModuleType("SCons")
sys.modules["SCons.Script"] = scons
env = Environment({"UPLOAD_PORT": port.partition("=")[2], "UPLOAD_FLAGS": flags, "SOURCE": source})
with open(script, encoding="utf-8") as file:
    exec(compile(file.read(), script, "exec"), {"Import": lambda name: None, "env": env})
print(env.subst("$UPLOADCMD"))
