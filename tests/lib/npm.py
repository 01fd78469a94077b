"""Packages of npm's that a test needs: installed once for each lock file,
beside the build; the source tree stays as it is."""
import fcntl
import hashlib
import os
import shutil

from harness import ROOT, Failure, Skip, run


def install(here, folder):
    """folder/node_modules as here's package-lock.json has them."""
    if not (shutil.which("node") and shutil.which("npm")):
        raise Skip("node or npm is not there: packaging/install-packages "
                   "installs Debian's nodejs and npm")
    folder.parent.mkdir(parents=True, exist_ok=True)
    # programs that run side by side share what is installed
    with open(folder.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _install(here, folder)


def _install(here, folder):
    wanted = hashlib.sha256((here / "package-lock.json").read_bytes())
    mark = folder / "installed"
    if mark.exists() and mark.read_text() == wanted.hexdigest():
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for source in (here / "package.json", here / "package-lock.json",
                   ROOT / ".npmrc"):
        shutil.copy(source, folder)
    done = run("npm", "ci", "--ignore-scripts", "--prefix", folder,
               env={"npm_config_cache": os.environ.get(
                   "npm_config_cache", str(folder / "cache"))})
    if done.status != 0:
        raise Failure(f"npm ci: {done.out}{done.err}")
    mark.write_text(wanted.hexdigest())
