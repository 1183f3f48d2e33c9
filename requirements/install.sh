#!/bin/sh
# Makes .venv, when it is missing or broken, and installs a lock file of this folder into it: install.sh run.txt
set -eu
cd "$(dirname "$0")/.."

usable() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

without_venv=
find_python() {
    if [ -n "${PYTHON:-}" ]; then
        set -- "$PYTHON"
    else
        set -- python3.11 python3 python3.12 python3.13 python3.14
    fi
    for candidate in "$@"; do
        usable "$candidate" || continue
        if "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
            python=$candidate
            return 0
        fi
        without_venv=${without_venv:-$candidate}
    done
    return 1
}

explain() {
    if [ -n "$without_venv" ]; then
        version=$("$without_venv" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        echo "$without_venv cannot make a virtual environment: its venv or ensurepip module is missing." >&2
        echo "On Debian or Ubuntu type:  sudo apt-get install python$version-venv" >&2
    else
        echo "zbmaint needs Python 3.11 or newer; here is ${PYTHON:-$(python3 --version 2>/dev/null || echo none)}." >&2
        echo "On Debian or Ubuntu type:  sudo apt-get install python3 python3-venv" >&2
        echo "or name one that you have: make run PYTHON=/path/to/python3.11" >&2
    fi
    exit 1
}

if ! usable .venv/bin/python || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    find_python || explain
    echo "Making the virtual environment .venv with $python."
    "$python" -m venv --clear .venv
fi
echo "Installing the packages of requirements/$1 (the first time this takes a minute)."
set -- --require-hashes -r "requirements/$1"
.venv/bin/python -m pip install -qq --disable-pip-version-check --root-user-action=ignore --no-input "$@"
