#!/usr/bin/env bash
# fping with a count (-c, -C) reports a ping that it could not send as sent and lost, without a word; without a count it says why.
#
# Expected: the error of the system call in each mode, or an exit status of its own, as iputils ping has for a missing route.
# Seen with fping 5.1 (Debian 12), in a network namespace without any route, and with an own OUTPUT chain that drops:
#   - `fping ADDRESS` prints "error while sending ping: Network is unreachable" (or "Operation not permitted");
#   - `fping -c 2 ADDRESS` prints "xmt/rcv/%loss = 2/0/100%" and nothing else, though not one packet left the process; -C prints "- -";
#   - the exit status is 1 in all of them, the same as for a host that does not reply;
#   - iputils ping 20221126 ends with 2 and "connect: Network is unreachable" without a route.
# Where it matters: the mode with a count is the one that monitoring and probes parse. There a pod whose own network is not set up yet looks
# like one that a policy cuts off. Send one ping without a count first, or use iputils.
# Needs root (an own network namespace) and nft.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

apt-get download -qq fping=5.1-1 iputils-ping=3:20221126-1+deb12u1 2>apt.log || { cat apt.log; exit 1; }
for package in *.deb; do dpkg -x "$package" root; done

cat >inside.sh <<'BASH'
ip link set lo up
nft -f - <<'NFT'
table inet own {
  chain out {
    type filter hook output priority 0
    ip daddr 127.0.0.9 drop
  }
}
NFT
for address in 198.51.100.1 127.0.0.9; do
  for options in '-r 0 -t 100' '-c 2 -p 50 -t 100' '-C 2 -p 50 -t 100'; do
    output=$(root/usr/bin/fping $options $address 2>&1)
    echo "fping ${options%% -[tp]*} $address: exit $?, $(grep . <<<"$output" | paste -sd '|')"
  done
done
output=$(root/bin/ping -n -c 2 -W 1 198.51.100.1 2>&1)
echo "ping -c 2 198.51.100.1: exit $?, ${output##*ping: }"
BASH
seen=$(unshare --net bash inside.sh)
echo "$seen"
expected='fping -r 0 198.51.100.1: exit 1, 198.51.100.1: error while sending ping: Network is unreachable|198.51.100.1 is unreachable
fping -c 2 198.51.100.1: exit 1, 198.51.100.1 : xmt/rcv/%loss = 2/0/100%
fping -C 2 198.51.100.1: exit 1, 198.51.100.1 : - -
fping -r 0 127.0.0.9: exit 1, 127.0.0.9: error while sending ping: Operation not permitted|127.0.0.9 is unreachable
fping -c 2 127.0.0.9: exit 1, 127.0.0.9 : xmt/rcv/%loss = 2/0/100%
fping -C 2 127.0.0.9: exit 1, 127.0.0.9 : - -
ping -c 2 198.51.100.1: exit 2, connect: Network is unreachable'
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
