#!/usr/bin/env bash
# A name with several addresses of one family, the first of them silent: libcurl 8.23 has the answer after 0.2 s, curl 7.88 fails with 28.
#
# Expected: both go on to the next address in time, each address getting its share of --connect-timeout (half of what is left).
# Seen with curl 7.88.1-10+deb12u15 (Debian 12) and libcurl 8.23.0 (in pycurl 7.49.0), addresses given by --resolve, the silent ones dropped
# by nftables:
#   - 7.88.1 connects to one address of a family at a time. With a limit of 1 s one silent address is enough for exit 28. With 3 s it
#     survives one silent address (at 2.5 s, not at 1.5 s), not two, although the third would have answered at once;
#   - 8.23.0 starts the next address 0.2 s after the one before and keeps all of them open: it connects in each of the cases;
#   - neither says which address was silent: remote_ip is the one that answered, or empty.
# Where it matters: a headless Service, or any name with an address per pod. One endpoint that a policy denies makes the path "blocked" for
# a probe with curl 7.88 and "open" for one with curl 8.23; that the latter connected says nothing about each endpoint. Test every address.
# Needs root (an own network namespace), nft, node and pip.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

mkdir debs root
(cd debs && apt-get download -qq curl=7.88.1-10+deb12u15 libcurl4=7.88.1-10+deb12u15) 2>apt.log || { cat apt.log; exit 1; }
for package in debs/*.deb; do dpkg -x "$package" root; done
pip install --quiet --root-user-action ignore --target python pycurl==7.49.0
cat >pycurl_get.py <<'PYTHON'
import io, sys, pycurl
curl = pycurl.Curl()
curl.setopt(pycurl.URL, "http://name.test:8080/")
curl.setopt(pycurl.NOPROXY, "*")
curl.setopt(pycurl.RESOLVE, ["name.test:8080:" + sys.argv[2]])
curl.setopt(pycurl.CONNECTTIMEOUT, int(sys.argv[1]))
curl.setopt(pycurl.WRITEDATA, io.BytesIO())
code = 0
try: curl.perform()
except pycurl.error as error: code = error.args[0]
print(code, curl.getinfo(pycurl.PRIMARY_IP) + ".", curl.getinfo(pycurl.TOTAL_TIME))
PYTHON

cat >inside.sh <<'BASH'
ip link set lo up
nft -f - <<'NFT'
table inet silent {
  chain in {
    type filter hook input priority 0
    ip daddr { 127.0.0.2, 127.0.0.3 } tcp dport 8080 drop
  }
}
NFT
node -e "require('http').createServer((_, response) => response.end()).listen(8080, () => console.log('up'))" >up & server=$!
until grep -q up up; do sleep 0.05; done
for limit in 1 3; do
  for addresses in 127.0.0.2,127.0.0.4 127.0.0.2,127.0.0.3,127.0.0.4; do
    old=$(LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu root/usr/bin/curl -qs -o /dev/null --noproxy '*' --connect-timeout $limit \
      --resolve name.test:8080:$addresses -w '%{exitcode} %{remote_ip}. %{time_total}' http://name.test:8080/)
    new=$(PYTHONPATH=python python3 pycurl_get.py $limit $addresses)
    for result in "7.88.1 $old" "8.23.0 $new"; do
      read -r version code address seconds <<<"$result"
      [ "$code" = 0 ] && when=", connected to ${address%.} within $((${seconds%.*} + 1)) s" || when=
      echo "limit $limit s, $addresses: $version exit $code$when"
    done
  done
done
kill $server
BASH
seen=$(unshare --net bash inside.sh)
echo "$seen"
expected='limit 1 s, 127.0.0.2,127.0.0.4: 7.88.1 exit 28
limit 1 s, 127.0.0.2,127.0.0.4: 8.23.0 exit 0, connected to 127.0.0.4 within 1 s
limit 1 s, 127.0.0.2,127.0.0.3,127.0.0.4: 7.88.1 exit 28
limit 1 s, 127.0.0.2,127.0.0.3,127.0.0.4: 8.23.0 exit 0, connected to 127.0.0.4 within 1 s
limit 3 s, 127.0.0.2,127.0.0.4: 7.88.1 exit 0, connected to 127.0.0.4 within 3 s
limit 3 s, 127.0.0.2,127.0.0.4: 8.23.0 exit 0, connected to 127.0.0.4 within 1 s
limit 3 s, 127.0.0.2,127.0.0.3,127.0.0.4: 7.88.1 exit 28
limit 3 s, 127.0.0.2,127.0.0.3,127.0.0.4: 8.23.0 exit 0, connected to 127.0.0.4 within 1 s'
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
