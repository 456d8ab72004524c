#!/bin/sh
# Proves that a clone, python3 and git are all that `./dev demo` and `./dev test` need: runs both in an empty Debian
# bookworm. Of this machine it takes the certificate bundle, where apt finds Debian, and the commits; nothing else.
# Needs root and debootstrap.
set -eu

repository=$(cd "$(dirname "$0")/../.." && pwd)
certificates=/etc/ssl/certs/ca-certificates.crt
base=${HRNET_NATIVE_FRESH_DIR:-/var/tmp}

if [ "${1:-}" != inside-namespace ]; then
  [ "$(id -u)" = 0 ] || { echo "test-fresh needs root" >&2; exit 1; }
  # A mount namespace of its own: what is mounted below vanishes with the process, however it ends.
  exec unshare --mount --propagation private sh "$0" inside-namespace
fi

command -v debootstrap >/dev/null || apt-get install -y -q --no-install-recommends debootstrap >&2
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Codename: bookworm' | head -n 1)
[ -n "$mirror" ] || { echo "apt knows no mirror of Debian bookworm; run apt-get update" >&2; exit 1; }

root=$(mktemp -d "$base/hrnet_native-fresh.XXXXXX")
chmod 755 "$root"  # so that a user without rights can work in it
trap 'umount -R "$root/dev" "$root/proc" 2>/dev/null; rm -rf --one-file-system "$root"' EXIT

debootstrap --variant=minbase --include=ca-certificates,python3,git bookworm "$root" "$mirror" >"$root/log" 2>&1 ||
  { tail -n 20 "$root/log" >&2; exit 1; }
mkdir -p "$root/dev" "$root/proc"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
cp -L "$certificates" "$root$certificates"
rm -rf "$root/etc/apt" && cp -rL /etc/apt "$root/etc/apt"
git clone -q "file://$repository" "$root/srv/hrnet_native"

in_fresh() {
  chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
    PIP_CERT="$certificates" SSL_CERT_FILE="$certificates" sh -c "cd /srv/hrnet_native && $1"
}

# Runs the command $1 and sums up what `./dev` says of its steps.
timed() {
  start=$(date +%s)
  in_fresh "$1" 2>"$root/log" || { cat "$root/log" >&2; exit 1; }
  seconds=$(($(date +%s) - start))
  steps=$(awk '/^-- [a-z]+: [0-9]+ s$/ { if (!($2 in sum)) names[++count] = $2; sum[$2] += $3 }
    END { for (i = 1; i <= count; i++) printf "  %s %d s", names[i], sum[names[i]] }' "$root/log")
  summary="$summary
== $2: $seconds s $steps"
}

summary=""
echo "== packages before: $(in_fresh "dpkg-query -f '\${Package}\n' -W | wc -l"); python3 and git, no compiler:"
in_fresh "python3 --version; git --version; command -v g++ cmake ninja pip || true"
echo "== without rights to install"
if in_fresh "su nobody -s /bin/sh -c './dev demo'" >"$root/log" 2>&1; then exit 1; fi
grep 'sudo apt-get update && sudo apt-get install .*g++' "$root/log" || { cat "$root/log" >&2; exit 1; }
timed "./dev demo" "./dev demo, cold"
timed "./dev demo" "./dev demo, again"
timed "./dev test" "./dev test"
in_fresh ".venv/bin/python -c 'import hrnet_native, paddle' && .venv/bin/hrnet-native predict examples/cat.jpg --json"
echo "$summary"
echo "== passed in an empty Debian"
