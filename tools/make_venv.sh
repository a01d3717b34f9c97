#!/bin/sh
# Make a virtual environment. Debian keeps what `python3 -m venv` needs in a package of its own.
# Usage: make_venv.sh PYTHON FOLDER
set -eu
python=$1
folder=$2

command -v "$python" >/dev/null || {
    echo "error: $python: not found; install Python 3.11 or newer, or name it: make PYTHON=..." >&2
    exit 2
}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "error: $python: is older than Python 3.11; name a newer one: make PYTHON=..." >&2
    exit 2
}
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq
        apt-get install -y -qq --no-install-recommends "$package" >/dev/null
    else
        echo "error: $python: cannot make virtual environments; install $package" >&2
        exit 2
    fi
fi
"$python" -m venv "$folder"
