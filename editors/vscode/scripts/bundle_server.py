"""
Makes `bundled/`: nrepl_lsp of this checkout, and the libraries that it needs, in `bundled/libs`.

Any Python from 3.11 on must be able to run it on any system, so only pure wheels are taken. The
result depends on nothing but this checkout and `requirements.txt`.
"""

import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
BUNDLED = HERE.parent / "bundled"
OLDEST = "3.11"

# What only installers read.
UNUSED = ("/RECORD", "/WHEEL", "/top_level.txt", "/entry_points.txt")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        wheels = download(Path(folder) / "wheels")
        libs = Path(folder) / "libs"
        for wheel in wheels:
            unpack(wheel, libs)
        copy_package(libs)
        shutil.rmtree(BUNDLED, ignore_errors=True)
        shutil.copytree(libs, BUNDLED / "libs")
    shutil.copyfile(HERE / "run_server.py", BUNDLED / "run_server.py")


def download(folder: Path) -> list[Path]:
    """Fetch the wheels of `requirements.txt`; their hashes are checked."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "download"]
    pure = ["--only-binary=:all:", "--platform=any", "--implementation=py", "--abi=none"]
    which = ["--python-version", OLDEST, "--no-deps", "--require-hashes"]
    files = ["--requirement", str(HERE / "requirements.txt"), "--dest", str(folder)]
    subprocess.run([*pip, *pure, *which, *files], check=True)
    return sorted(folder.glob("*.whl"))


def unpack(wheel: Path, libs: Path) -> None:
    """What a pure wheel installs is what is in it."""
    if not wheel.name.endswith("-none-any.whl"):
        raise SystemExit(f"{wheel.name} is not pure Python")
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if ".data/" in name or name.endswith((".so", ".pyd", ".dll", ".dylib")):
                raise SystemExit(f"{wheel.name} is not pure Python: {name}")
            if not (name.endswith(UNUSED) or "/sboms/" in name):
                archive.extract(name, libs)


def copy_package(libs: Path) -> None:
    """Copy nrepl_lsp but for the demo, which needs more libraries and a terminal."""
    source = ROOT / "nrepl_lsp"
    for file in sorted([*source.rglob("*.py"), source / "py.typed"]):
        target = libs / file.relative_to(ROOT)
        if "demo" not in file.relative_to(source).parts:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)


if __name__ == "__main__":
    main()
