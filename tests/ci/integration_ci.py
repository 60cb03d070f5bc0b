#!/usr/bin/python3
"""The CI integrations, as the CI systems run them, against real devices.

integration_ci.py SOURCE BIN CMAKE INSTALL: SOURCE is the root of the sources, BIN the folder of
the programs; CMAKE runs the script INSTALL, which installs the integrations. Runs in a network of
its own (unshare).
"""
import hashlib
import http.server
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
import xml.etree.ElementTree

import yaml

SOURCE = pathlib.Path(sys.argv[1])
BIN = pathlib.Path(sys.argv[2])
INSTALLED = tempfile.TemporaryDirectory(prefix="espota ci ")
SHARE = pathlib.Path(INSTALLED.name, "share/espota-c")
ACTION = SHARE / "github/action.yml"
TEMPLATE = SHARE / "gitlab/espota-c.gitlab-ci.yml"
SCRIPT = SHARE / "ci/espota-upload.sh"
CONTAINER = SOURCE / "cli/integration/container/Containerfile"
SECRET = "a $ecret; with 'quotes\""
PATIENCE = 60


class Device:
    """An espota-device, which knows what it runs."""

    def __init__(self, folder, name):
        self.name = name
        self.events = []
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", BIN / "espota-device", "--flash", folder / f"{name}.flash",
             "--bind", "127.0.0.1", "--port", "0", "--name", name, "--password", SECRET],
            stdout=subprocess.PIPE, text=True)
        self.port = self.await_event(r"listening .*port=(\d+)")
        self.await_event("announced")

    def await_event(self, pattern):
        for line in self.process.stdout:
            self.events.append(line)
            found = re.match(pattern, line)
            if found:
                return found[1] if found.groups() else line
        raise AssertionError(f"{self.name} ended: {self.events}")

    def close(self):
        """Every event that there was."""
        self.process.terminate()
        if not self.process.stdout.closed:
            with self.process.stdout:
                self.events += self.process.stdout
        self.process.wait(PATIENCE)
        return "".join(self.events)


def value_of(expression, inputs, environment):
    """What GitHub makes of a value with ${{ }} in it, as far as the action uses that."""
    def one(match):
        for term in match[1].split("||"):
            context, _, name = term.strip().partition(".")
            found = {"inputs": inputs, "env": environment}[context].get(name, "")
            if found:
                return found
        return ""
    return re.sub(r"\$\{\{(.*?)\}\}", one, str(expression))


class Integrations(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="espota ci ")
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.image = self.folder / "my sketch.bin"
        subprocess.run([BIN / "make-image", "esp8266", "60000", self.image], check=True)
        # Programs found in PATH: espota-c, as a witness of its arguments.
        self.path = self.folder / "path"
        self.path.mkdir()
        (self.path / "espota-upload").symlink_to(SCRIPT)
        self.arguments = self.folder / "arguments"
        witness = self.path / "espota-c"
        witness.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >"{self.arguments}"\n'
                           f'exec "{BIN}/espota-c" "$@"\n')
        witness.chmod(0o755)

    def device(self, name):
        device = Device(self.folder, name)
        self.addCleanup(device.close)
        return device

    def run_shell(self, script, variables, until=None):
        """Runs to the end; with `until`, a function, is told to end when that one returns."""
        environment = {"PATH": f"{self.path}:{os.environ['PATH']}", "TMPDIR": str(self.folder)}
        with subprocess.Popen(["sh", "-e", "-c", script], cwd=self.folder,
                              env=environment | variables, text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
            try:
                if until:
                    until()
                    process.terminate()
                out, _ = process.communicate(timeout=PATIENCE)
            finally:
                process.kill()
        return subprocess.CompletedProcess(script, process.returncode, out)

    def github(self, inputs, environment=None, until=None):
        """The action's step that has a command; its outputs become self.outputs."""
        action = yaml.safe_load(ACTION.read_text())
        unknown = set(inputs) - set(action["inputs"])
        self.assertFalse(unknown)
        given = {name: inputs.get(name, str(about.get("default", "")))
                 for name, about in action["inputs"].items()}
        environment = dict(environment or {})
        step, = (step for step in action["runs"]["steps"] if "run" in step)
        self.assertEqual(step["shell"], "sh")
        outputs = self.folder / "outputs"
        outputs.write_text("")
        done = self.run_shell(step["run"], environment | {
            name: value_of(value, given, environment) for name, value in step["env"].items()
        } | {"GITHUB_ACTION_PATH": str(ACTION.parent), "GITHUB_OUTPUT": str(outputs)},
            until)
        self.outputs = outputs.read_text()
        return done

    def gitlab(self, variables):
        job = yaml.safe_load(TEMPLATE.read_text())[".espota-upload"]
        return self.run_shell("\n".join(job["script"]), job["variables"] | variables)

    def download(self):
        """Where to download the program from, as inputs."""
        site = self.folder / "site"
        site.mkdir()
        (site / "espota-c").symlink_to(BIN / "espota-c")

        class Files(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *arguments):
                super().__init__(*arguments, directory=site)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return {"url": f"http://127.0.0.1:{server.server_address[1]}/espota-c",
                "sha256": hashlib.sha256((BIN / "espota-c").read_bytes()).hexdigest()}

    def expect_nothing_downloaded_left(self):
        self.assertEqual(list(self.folder.glob("tmp.*")), [], "the download is left behind")

    def check(self, done, status):
        self.assertEqual(done.returncode, status, done.stdout)
        if self.arguments.exists():
            self.assertNotIn(SECRET, self.arguments.read_text())
        self.assertNotIn(SECRET, done.stdout)

    def results(self, file):
        """Of a JUnit file: names, and whether each is well."""
        cases = xml.etree.ElementTree.parse(self.folder / file).iter("testcase")
        return {case.get("name"): case.find("failure") is None and case.find("error") is None
                for case in cases}

    def test_github_updates_several_devices_by_name(self):
        devices = [self.device("kitchen"), self.device("my lamp")]
        done = self.github({"image": str(self.image), "hosts": "  kitchen\n\n  my lamp\r\n",
                            "auth": SECRET})
        self.check(done, 0)
        self.assertEqual(self.outputs, "exit-code=0\n")
        for device in devices:
            self.assertIn("updated target=sketch", device.close())
        self.assertEqual(list(self.results("espota-junit.xml").values()), [True, True])

    def test_github_takes_the_secret_from_the_step(self):
        device = self.device("kitchen")
        inputs = {"image": "my sketch.bin", "hosts": "127.0.0.1", "port": device.port,
                  "wait-online": "false", "junit": "", "host-ip": "127.0.0.1",
                  "host-port": "20000-39999", "arguments": "--retries=0\n--stall-timeout\n30"}
        self.check(self.github(inputs, {"ESPOTA_AUTH": SECRET}), 0)
        # Without one, the outcome is the program's.
        self.check(self.github(inputs), 6)
        self.assertIn("exit-code=6\n", self.outputs)
        self.assertEqual(device.close().count("updated target"), 1)

    def test_github_passes_all_inputs_on(self):
        program = self.folder / "another program"
        program.write_text('#!/bin/sh\nprintf "%s\\n" "$@" "password=$ESPOTA_AUTH"\n')
        program.chmod(0o755)
        done = self.github({
            "image": "my sketch.bin", "hosts": "kitchen\n@devices", "all": "true",
            "board": "node*", "auth": SECRET, "port": "8267", "host-port": "40000-40009",
            "host-ip": "192.0.2.1", "filesystem": "true", "wait-online": "90", "jobs": "3",
            "junit": "results/ota.xml", "arguments": "--retries=0", "program": str(program)})
        self.assertEqual(done.stdout.splitlines(), [
            "upload", "--file=my sketch.bin", "--ip=kitchen", "--ip=@devices", "--all",
            "--filesystem", "--board=node*", "--port=8267", "--host_port=40000-40009",
            "--host_ip=192.0.2.1", "--jobs=3", "--junit=results/ota.xml", "--wait-online=90",
            "--retries=0", f"password={SECRET}"])
        # Without: the least there is.
        done = self.github({"image": "x.bin", "program": str(program)})
        self.assertEqual(done.stdout.splitlines(), ["upload", "--file=x.bin",
                         "--junit=espota-junit.xml", "--wait-online", "password="])
        for wait, argument in {"1": "--wait-online=1", "yes": "--wait-online", "0": None}.items():
            done = self.github({"image": "x", "program": str(program), "wait-online": wait})
            self.assertEqual([word for word in done.stdout.splitlines() if "wait" in word],
                             [argument] if argument else [])
        done = self.github({"image": "x", "program": str(program), "wait-online": "90s"})
        self.check(done, 1)
        self.assertIn("true, false or so many seconds, not '90s'", done.stdout)
        action = yaml.safe_load(ACTION.read_text())
        keep, = (step for step in action["runs"]["steps"] if "uses" in step)
        self.assertEqual(keep["with"], {
            "name": "${{ inputs.artifact }}", "path": "${{ inputs.junit }}",
            "if-no-files-found": "ignore"})
        self.assertEqual(keep["if"], "${{ always() && inputs.junit != '' }}")
        self.assertEqual(action["outputs"]["exit-code"]["value"],
                         "${{ steps.upload.outputs.exit-code }}")
        self.assertIn("upload", [step.get("id") for step in action["runs"]["steps"]])

    def test_gitlab_updates_what_a_file_lists(self):
        device = self.device("kitchen")
        (self.folder / "devices").write_text(f"127.0.0.1 port={device.port}\n")
        done = self.gitlab({"ESPOTA_IMAGE": "my sketch.bin", "ESPOTA_HOSTS": "@devices\n",
                            "ESPOTA_AUTH": SECRET, "ESPOTA_JOBS": "1",
                            "ESPOTA_WAIT_ONLINE": "30"})
        self.check(done, 0)
        self.assertIn("updated target=sketch", device.close())
        job = yaml.safe_load(TEMPLATE.read_text())[".espota-upload"]
        self.assertEqual(job["artifacts"]["when"], "always")
        self.assertEqual(list(self.results(job["artifacts"]["reports"]["junit"]).values()),
                         [True])

    def test_gitlab_updates_all_of_a_board(self):
        device = self.device("kitchen")
        shutil.copy(SCRIPT, self.folder)
        (self.path / "espota-upload").unlink()
        variables = {"ESPOTA_IMAGE": "my sketch.bin", "ESPOTA_ALL": "true",
                     "ESPOTA_AUTH": SECRET, "ESPOTA_UPLOAD": "./espota-upload.sh"}
        self.check(self.gitlab(variables | {"ESPOTA_BOARD": "nodemcu*"}), 4)
        self.check(self.gitlab(variables | {"ESPOTA_BOARD": "esp8266*"}), 0)
        self.assertIn("updated target=sketch", device.close())

    def test_values_are_never_commands(self):
        trap = self.folder / "trap"
        for attack in ("$(touch trap)`touch trap`", "\"; touch trap; '; touch trap; \"",
                       "x\ntouch trap\nEOF\ntouch trap & touch trap"):
            for name in ("hosts", "image", "board", "port", "jobs", "arguments", "program",
                         "wait-online", "all", "url"):
                with self.subTest(attack=attack, name=name):
                    inputs = {"image": "missing.bin", "hosts": "127.0.0.1", name: attack}
                    self.assertNotEqual(self.github(inputs).returncode, 0)
                    self.assertFalse(trap.exists())
        for step in yaml.safe_load(ACTION.read_text())["runs"]["steps"]:
            self.assertNotIn("${{", step.get("run", ""))

    def test_a_download_is_what_was_promised(self):
        device = self.device("kitchen")
        download = self.download()
        inputs = {"image": "my sketch.bin", "hosts": "127.0.0.1", "port": device.port,
                  "auth": SECRET, "wait-online": "false", "junit": ""} | download
        for wrong in ({"sha256": ""}, {"sha256": "0" * 64}, {"sha256": download["sha256"][1:]},
                      {"url": download["url"] + ".missing"}):
            self.check(self.github(inputs | wrong), 1)
            self.assertEqual(self.outputs, "exit-code=1\n")
        self.check(self.github(inputs | {"sha256": download["sha256"].upper()}), 0)
        self.assertFalse(self.arguments.exists(), "it ran the installed program")
        self.assertEqual(device.close().count("updated target"), 1)
        self.expect_nothing_downloaded_left()

    def test_a_cancelled_job_ends_the_program(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind(("127.0.0.1", 0))
            silent.settimeout(PATIENCE)
            inputs = {"image": "my sketch.bin", "hosts": "127.0.0.1",
                      "port": str(silent.getsockname()[1])}
            for program in ({}, self.download()):
                done = self.github(inputs | program, until=lambda: silent.recv(1500))
                self.check(done, 128 + signal.SIGTERM)
                self.assertEqual(self.outputs, "exit-code=143\n")
                self.assertIn("interrupted", (self.folder / "espota-junit.xml").read_text())
                (self.folder / "espota-junit.xml").unlink()
        self.expect_nothing_downloaded_left()

    def test_a_cancelled_job_ends_the_download(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(PATIENCE)
            clients = []
            inputs = {"image": "my sketch.bin", "hosts": "127.0.0.1", "sha256": "0" * 64,
                      "url": f"http://127.0.0.1:{server.getsockname()[1]}/"}
            done = self.github(inputs, until=lambda: clients.append(server.accept()[0]))
            with clients[0]:
                self.check(done, 128 + signal.SIGTERM)
        self.expect_nothing_downloaded_left()

    def test_files_are_well_formed(self):
        rules = "{extends: default, rules: {line-length: {max: 100}}}"
        subprocess.run(["yamllint", "--strict", "-d", rules, ACTION, TEMPLATE], check=True)
        subprocess.run(["shellcheck", SCRIPT], check=True)

    def linked_by_the_static_build(self):
        """Of tests/setup.sh's packages: the group's first line says what it is."""
        lines = (SOURCE / "tests/setup.sh").read_text().splitlines()
        first, = (i for i, line in enumerate(lines) if line.endswith("# what the programs link"))
        group = [lines[first].partition("#")[0]]
        for line in lines[first + 1:]:
            if "#" in line:
                break
            group.append(line)
        # A static program cannot ask the system's Avahi.
        return set(" ".join(group).split()) - {"libavahi-client-dev", "libdbus-1-dev"}

    def test_the_container_is_made_of_what_there_is(self):
        recipe = CONTAINER.read_text().replace("\\\n", " ")
        stages = dict(re.findall(r"^FROM \S+ AS (\S+)\n((?:(?!FROM ).*\n)*)", recipe, re.M))
        installed = {name: set(found[1].split()) for name, stage in stages.items()
                     if (found := re.search(r"--no-install-recommends ([^&\n]*)", stage))}
        tools = {"gcc", "libc6-dev", "cmake", "ninja-build", "pkg-config", "git"}
        self.assertEqual(installed, {"build": tools | self.linked_by_the_static_build(),
                                     "ci": {"ca-certificates", "curl"}})
        self.assertIn("COPY . /source\nWORKDIR /source\n"
                      "RUN cmake --preset static && cmake --build --preset static\n",
                      stages["build"])
        presets = json.loads((SOURCE / "CMakePresets.json").read_text())
        self.assertIn("static", [preset["name"] for preset in presets["buildPresets"]])
        program = "--from=build /source/build/static/bin/espota-c"
        self.assertEqual(re.findall("^COPY (.*)", stages["ci"], re.M),
                         [f"{program} /usr/local/bin/espota-c",
                          "cli/integration/ci/espota-upload.sh /usr/local/bin/espota-upload"])
        self.assertEqual(stages["program"],
                         f'COPY {program} /espota-c\nENTRYPOINT ["/espota-c"]\n')


if __name__ == "__main__":
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run([sys.argv[3], f"-DCMAKE_INSTALL_PREFIX={INSTALLED.name}", "-P", sys.argv[4]],
                   stdout=subprocess.DEVNULL, check=True)
    unittest.main(argv=sys.argv[:1], verbosity=2)
