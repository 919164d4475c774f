#!/bin/sh
# The browser tests drive Debian's Chromium. Installed where it is missing and we may; else those tests say what they lack.
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null && exit 0
[ -n "${CHROMIUM:-}" ] && exit 0
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo -n"
if command -v apt-get >/dev/null && $as_root true 2>/dev/null; then
  echo "Installing Chromium for the browser tests ..."
  $as_root apt-get update -qq
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-core fonts-noto-color-emoji >/dev/null
fi
command -v chromium >/dev/null || echo "No Chromium: the browser tests will fail. Install it, or set CHROMIUM to one." >&2
exit 0
