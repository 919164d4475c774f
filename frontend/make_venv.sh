#!/bin/sh
# Make a virtual environment: make_venv.sh PYTHON FOLDER. Debian ships Python without the part that makes them.
set -eu
python=$1 folder=$2
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Colabel needs Python 3.11 or newer." >&2; exit 1; }
rm -rf "$folder"
if ! "$python" -m venv "$folder" >/dev/null 2>&1; then
  rm -rf "$folder"
  as_root=""
  [ "$(id -u)" = 0 ] || as_root="sudo -n"
  if command -v apt-get >/dev/null; then
    echo "Installing python3-venv ..."
    $as_root apt-get update -qq && $as_root apt-get install -y -qq python3-venv >/dev/null ||
      { echo "Please install the package python3-venv, then try again." >&2; exit 1; }
  fi
  "$python" -m venv "$folder"
fi
