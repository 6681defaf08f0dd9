"""What held, and what didn't."""

import threading


class Tally:
    """Counts what holds, and says what doesn't."""

    def __init__(self):
        self.passed = self.failed = 0
        self.lock = threading.Lock()

    def check(self, title, wanted, found):
        with self.lock:
            if wanted == found:
                self.passed += 1
            else:
                self.failed += 1
                print(f"{title}: is {found!r}, should be {wanted!r}", flush=True)
