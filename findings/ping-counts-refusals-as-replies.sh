#!/usr/bin/env bash
# nping and hping3 count an ICMP refusal as the reply to a ping: 0 % lost, exit status 0, where iputils, busybox and fping have 100 %.
#
# Expected: a ping is answered by an echo reply; an ICMP error that a router sends in its place is a loss, or an error of its own, in each tool.
# Seen with nping 7.93, hping3 3.a2.ds2, iputils 20221126, busybox 1.35.0 and fping 5.1 (Debian 12), three pings to an address behind a router.
# The router lets them pass, drops them or rejects them with "communication administratively filtered", as a firewall or a policy does:
#   - nping counts each refusal under Rcvd, "Lost: 0 (0.00%)", and its exit status is 0 for the drop as well;
#   - hping3 counts them as received, "0% packet loss", and exits with 0 for the refusal and with 1 for the drop;
#   - iputils, busybox and fping count 100 % and exit with 1 in both.
# Where it matters: a check that reads the loss or the exit status takes a denied path for an open one. Only the type in nping's and hping3's lines
# for each packet shows what came back.
# Needs root (three own network namespaces) and nft.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

mkdir debs root
(cd debs && apt-get download -qq nmap=7.93+dfsg1-1 nmap-common=7.93+dfsg1-1 hping3=3.a2.ds2-10 iputils-ping=3:20221126-1+deb12u1 \
  busybox=1:1.35.0-4+deb12u1+b1 fping=5.1-1 libpcap0.8=1.10.3-1 libtcl8.6=8.6.13+dfsg-2) 2>apt.log || { cat apt.log; exit 1; }
for package in debs/*.deb; do dpkg -x "$package" root; done

cat >inside.sh <<'BASH'
set -euo pipefail
export LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu NMAPDIR=root/usr/share/nmap
unshare --net sleep 60 & router=$!
unshare --net sleep 60 & target=$!
on() { nsenter --net=/proc/"$1"/ns/net "${@:2}"; }
for process in $router $target; do until [ "$(readlink /proc/$process/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done; done
ip link add pod0 type veth peer name router0 netns $router
on $router ip link add router1 type veth peer name target0 netns $target
ip address add 192.0.2.1/30 dev pod0
ip link set pod0 up
ip route add default via 192.0.2.2
on $router ip address add 192.0.2.2/30 dev router0
on $router ip link set router0 up
on $router ip address add 198.51.100.1/30 dev router1
on $router ip link set router1 up
on $router bash -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 0 >/proc/sys/net/ipv4/icmp_ratelimit'
on $target ip address add 198.51.100.2/30 dev target0
on $target ip link set target0 up
on $target ip route add default via 198.51.100.1
for try in $(seq 50); do root/bin/ping -n -c 1 -W 1 198.51.100.2 >reached && break; sleep 0.1; done


# one NAME COMMAND…
one() {
  local name=$1 status=0
  "${@:2}" >output 2>&1 || status=$?
  echo "$rule, $name: exit $status, lost $(sed -n -E 's/.*( |\()([0-9]+(\.00)?)%( packet)? loss.*/\2/p; s/.*Lost: [0-9]+ \(([0-9]+)\.00%\).*/\1/p; s/.*%loss = [0-9]+\/[0-9]+\/([0-9]+)%.*/\1/p' output | tail -1) %"
}
for rule in accept drop 'reject with icmp type admin-prohibited'; do
  on $router nft -f - <<NFT
flush ruleset
table ip filter {
  chain forward {
    type filter hook forward priority 0
    ip daddr 198.51.100.2 icmp type echo-request $rule
  }
}
NFT
  one iputils root/bin/ping -n -c 3 -i 0.3 -W 1 198.51.100.2
  one busybox root/bin/busybox ping -c 3 -W 1 198.51.100.2
  one fping root/usr/bin/fping -c 3 -p 300 198.51.100.2
  one nping root/usr/bin/nping --icmp -c 3 --delay 300ms 198.51.100.2
  one hping3 root/usr/sbin/hping3 -n -1 -c 3 -i u300000 198.51.100.2
done
kill $router $target
BASH
seen=$(unshare --net bash inside.sh)
echo "$seen"
expected='accept, iputils: exit 0, lost 0 %
accept, busybox: exit 0, lost 0 %
accept, fping: exit 0, lost 0 %
accept, nping: exit 0, lost 0 %
accept, hping3: exit 0, lost 0 %
drop, iputils: exit 1, lost 100 %
drop, busybox: exit 1, lost 100 %
drop, fping: exit 1, lost 100 %
drop, nping: exit 0, lost 100 %
drop, hping3: exit 1, lost 100 %
reject with icmp type admin-prohibited, iputils: exit 1, lost 100 %
reject with icmp type admin-prohibited, busybox: exit 1, lost 100 %
reject with icmp type admin-prohibited, fping: exit 1, lost 100 %
reject with icmp type admin-prohibited, nping: exit 0, lost 0 %
reject with icmp type admin-prohibited, hping3: exit 0, lost 0 %'
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
