"""Headless Chromium, spoken to over a pipe by the DevTools protocol: no driver, no library."""

import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

# Nothing of the browser's own goes to the network; --no-sandbox is for root alone, who has none.
_FLAGS = [
    "--headless",
    "--remote-debugging-pipe",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--hide-scrollbars",
]
TIMEOUT_S = 30


class Chromium:
    def __init__(self) -> None:
        program = shutil.which("chromium")
        if program is None:
            raise SystemExit("chromium is not installed: ./dev browser installs it")
        self._profile = Path(tempfile.mkdtemp(prefix="chromium-"))
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []

        def on_3_and_4() -> None:  # where the protocol is spoken
            # Both are moved out of the way first: one may be the other's place.
            reading, writing = os.dup(to_browser), os.dup(from_browser)
            os.dup2(reading, 3)
            os.dup2(writing, 4)

        self._process = subprocess.Popen(
            [program, *_FLAGS, *sandbox, f"--user-data-dir={self._profile}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            close_fds=False,
            preexec_fn=on_3_and_4,  # pylint: disable=subprocess-popen-preexec-fn
        )
        os.close(to_browser)
        os.close(from_browser)
        self._buffer = b""
        self._sent = 0
        self._events: list[dict] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = ""
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"
        ]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Page.setLifecycleEventsEnabled", enabled=True)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._write)
        os.close(self._read)
        shutil.rmtree(self._profile, ignore_errors=True)

    def call(self, method: str, **parameters) -> dict:
        self._sent += 1
        message = {"id": self._sent, "method": method, "params": parameters}
        if getattr(self, "_session", ""):
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + TIMEOUT_S
        while True:
            answer = self._next(deadline)
            if answer.get("id") != self._sent:
                self._events.append(answer)
                continue
            if "error" in answer:
                raise AssertionError(f"{method}: {answer['error']}")
            return answer["result"]

    def open(self, url: str) -> None:
        self._events.clear()
        answer = self.call("Page.navigate", url=url)
        if answer.get("errorText"):
            raise AssertionError(f"{url}: {answer['errorText']}")
        deadline = time.monotonic() + TIMEOUT_S
        # A load that ends now may be that of the page before, which renews itself.
        loader = answer.get("loaderId")
        while not any(
            e.get("method") == "Page.lifecycleEvent"
            and e["params"]["name"] == "load"
            and e["params"]["loaderId"] == loader
            for e in self._events
        ):
            self._events.append(self._next(deadline))

    def address(self) -> str:
        """As the browser has it: while it goes on to another page, that can't be asked."""
        history = self.call("Page.getNavigationHistory")
        return history["entries"][history["currentIndex"]]["url"]

    def evaluate(self, expression: str):
        answer = self.call(
            "Runtime.evaluate",
            expression=expression,
            returnByValue=True,
            awaitPromise=True,
            userGesture=True,
        )
        if "exceptionDetails" in answer:
            raise AssertionError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def press(self, key: str, code: int) -> None:
        for kind in ("rawKeyDown", "keyUp"):
            self.call(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code
            )

    def screen(self, width: int, height: int, scheme: str = "light") -> None:
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        self.call(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )

    def complaints(self) -> list[str]:
        """What the browser had to say of the page: errors, exceptions, dialogs, policy violations."""
        self.evaluate("1")  # takes in what is under way
        found = []
        for event in self._events:
            parameters = event.get("params", {})
            match event.get("method"):
                case "Log.entryAdded":
                    found.append(parameters["entry"]["text"])
                case "Runtime.exceptionThrown":
                    found.append(parameters["exceptionDetails"]["text"])
                case "Runtime.consoleAPICalled":
                    found.append(f"console.{parameters['type']}")
                case "Page.javascriptDialogOpening":
                    found.append(f"a dialog: {parameters['message']}")
        return found

    def requests(self) -> list[str]:
        """What was asked for since the page was opened."""
        return [
            e["params"]["request"]["url"]
            for e in self._events
            if e.get("method") == "Network.requestWillBeSent"
        ]

    def _next(self, deadline: float) -> dict:
        while b"\0" not in self._buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._read], [], [], left)[0]:
                raise AssertionError("the browser does not answer")
            piece = os.read(self._read, 1 << 16)
            if not piece:
                raise AssertionError("the browser has ended")
            self._buffer += piece
        message, self._buffer = self._buffer.split(b"\0", 1)
        return json.loads(message)
