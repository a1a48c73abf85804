#!/bin/bash
# PID 1 of a node's mount, network and process namespaces: makes the places where Kubernetes keeps things at fixed paths
# private, so that nothing of them reaches the host, then lives on as the parent that collects the dead. Its end is the
# end of every process of the node. Argument: the node's data folder.
set -eu
mount --make-rshared / # for volumes with mount propagation
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=755 tmpfs /var/log
mkdir -p /run/lock "$1/var-lib" "$1/var-lib.work"
mount -t overlay overlay -o "lowerdir=/var/lib,upperdir=$1/var-lib,workdir=$1/var-lib.work" /var/lib
mkdir -p /var/run/calico /var/lib/calico # felix makes endpoint-status in the first, but not the folder itself
touch "$1/mounted"
sleep infinity &
wait
