#!/bin/sh
# Install what some tests need from Debian. Elsewhere, those tests are skipped and say why.
set -eu
packages="dataset-fashion-mnist chromium postgresql"

command -v dpkg-query >/dev/null || exit 0
missing=""
for package in $packages; do
    state=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    [ "$state" = "install ok installed" ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ]; then
    echo "note: tests that need$missing are skipped; install them with: apt-get install$missing"
    exit 0
fi
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # a list of names
if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; } >/dev/null; then
    echo "note: could not install$missing; the tests that need them are skipped"
fi
