#!/bin/sh
# Removes the virtual environment and the embedded data, after asking. Of a data folder that is named in ZBMAINT_DATA
# only what zbmaint has put there goes: it may be somebody's home.
set -eu
cd "$(dirname "$0")/.."
data=${ZBMAINT_DATA:-.data}

pid=$(sed -n 's/.*"pid": \([0-9]*\).*/\1/p' "$data/up.lock" 2>/dev/null || true)
if [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null; then
    echo "zbmaint is running on $data (process $pid); stop it first." >&2
    exit 1
fi
if [ -e "$data/services.json" ]; then
    echo "The embedded servers run detached; type first:  make down-services" >&2
    exit 1
fi

# Where root's PostgreSQL could not reach the data folder it lives elsewhere, and this link says where.
elsewhere=$(readlink "$data/postgres" || true)
case $elsewhere in
    /var/lib/zbmaint/*) ;;
    *) elsewhere= ;;
esac

printf 'Remove .venv, and the database, cache and logs in %s%s? [y/N] ' "$data" "${elsewhere:+ and $elsewhere}"
read -r answer || answer=
case $answer in
    y | Y | yes) ;;
    *)
        echo "Nothing was removed."
        exit 1
        ;;
esac

if [ -n "$elsewhere" ]; then
    rm -rf -- "$elsewhere"
    # The copies of the server's programs go with the last data root that used them.
    others=$(find /var/lib/zbmaint -mindepth 1 -maxdepth 1 ! -name 'postgres-*-wheel-*')
    [ -n "$others" ] || rm -rf /var/lib/zbmaint
fi
for name in postgres valkey logs static secret_key up.lock; do
    rm -rf -- "${data:?}/$name"
done
rmdir -- "$data" 2>/dev/null || true
rm -rf .venv
