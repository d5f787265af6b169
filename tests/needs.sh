#!/usr/bin/env bash
# Make sure that programs, or files by their path, are there: "program:debian-package" each.
# As root they are installed, else they are named.
set -euo pipefail
missing=()
for need in "$@"; do
  [ -e "${need%%:*}" ] || PATH="$PATH:/usr/sbin" command -v "${need%%:*}" >/dev/null || missing+=("${need##*:}")
done
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
else
  echo "Please install first: apt-get install ${missing[*]}" >&2
  exit 2
fi
