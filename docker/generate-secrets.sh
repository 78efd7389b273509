#!/bin/sh
# Draws the secrets of this installation once, as files in the folder $1, readable by root and the group 10001. What is
# there already is kept. Nothing is printed but names.
set -eu
folder=$1
umask 077

random() { # bytes; as hexadecimal digits, which need no quoting anywhere
  head -c "$1" /dev/urandom | od -An -tx1 | tr -d ' \n'
}

keep() { # name, value; under its name only when it is whole
  [ -s "$folder/$1" ] && return
  printf '%s' "$2" >"$folder/.$1"
  chmod 0440 "$folder/.$1"
  [ "$(id -u)" != 0 ] || chown 0:10001 "$folder/.$1"
  mv "$folder/.$1" "$folder/$1"
  echo "made $1"
}

keep database-password "$(random 24)"
keep database-url "postgres://ravenmq:$(cat "$folder/database-password")@db:5432/ravenmq"
keep jwt-secret "$(random 32)"
keep admin-password "$(random 12)"
keep grafana-password "$(random 12)"
[ "$(id -u)" != 0 ] || { chown 0:10001 "$folder" && chmod 0750 "$folder"; }
