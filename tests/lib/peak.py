"""How much memory a program has at its highest point."""
import pathlib
import re
import subprocess
import tempfile
import time

from harness import equal


def peak_memory(*command):
    """Highest resident memory of a program, in bytes, and what it said.

    The kernel's own high-water mark, read until it ends: what wait4() tells
    also counts this process, of which the program was forked."""
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen([str(c) for c in command], stdout=out,
                                   stdin=subprocess.DEVNULL)
        peak, status = 0, pathlib.Path(f"/proc/{process.pid}/status")
        while process.poll() is None:
            found = re.search(r"^VmHWM:\s+(\d+) kB", status.read_text(), re.M)
            if found:
                peak = max(peak, int(found.group(1)) * 1024)
            time.sleep(0.02)
        out.seek(0)
        said = out.read().decode(errors="replace")
        equal(process.returncode, 0, f"{command[0]}: {said[-2000:]}")
        return peak, said
