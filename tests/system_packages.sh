#!/bin/sh
# What the suite needs from the system: Chromium for the browser tests, and a PostgreSQL server with its contrib
# extensions, which the embedded one lacks. Installs them where it may, and says what to type where it may not.
set -eu

missing=
# The shell is the same browser without windows: it opens a page in a tenth of the time.
command -v chromium-headless-shell >/dev/null 2>&1 || command -v chromium >/dev/null 2>&1 ||
    missing="chromium-headless-shell fonts-dejavu-core"

contrib=
for server in /usr/lib/postgresql/*/bin/postgres; do
    version=$(basename "$(dirname "$(dirname "$server")")")
    if [ -x "$server" ] && [ -e "/usr/share/postgresql/$version/extension/pgstattuple.control" ]; then
        contrib=$version
    fi
done
[ -n "$contrib" ] || missing="$missing postgresql postgresql-contrib"

# A real Alertmanager, and Prometheus' promtool, for the long tests only: sh tests/system_packages.sh long
if [ "${1:-}" = long ]; then
    command -v prometheus-alertmanager >/dev/null 2>&1 || missing="$missing prometheus-alertmanager"
    command -v promtool >/dev/null 2>&1 || missing="$missing prometheus"
fi

[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null 2>&1; then
    echo "The tests need Chromium (as the command chromium-headless-shell or chromium) and a PostgreSQL server with its contrib extensions under" >&2
    echo "/usr/lib/postgresql, as Debian lays them out. Missing:" $missing >&2
    exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "The tests need packages of the system. Type this, then make test again:" >&2
    echo "    sudo apt-get update && sudo apt-get install --no-install-recommends" $missing >&2
    exit 1
fi

# A test suite starts its own servers; the package must not leave one running on this machine.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
echo "Installing" $missing
apt-get update -qq
# Older releases have it within the package chromium alone.
apt-cache show chromium-headless-shell >/dev/null 2>&1 || missing=$(echo "$missing" | sed s/chromium-headless-shell/chromium/)
apt-get install -y -qq --no-install-recommends $missing </dev/null
