#!/bin/sh
# Starts MariaDB as whoever the pod runs as. It writes to two folders only, both given by the pod.
set -eu
data=/var/lib/mysql
run=/run/mysqld
: "${MYSQL_PASSWORD:?the password of the user catalog must be set}"
case $MYSQL_PASSWORD in *[!A-Za-z0-9]*) echo "MYSQL_PASSWORD: only letters and digits, please" >&2; exit 1 ;; esac

# A container that starts again finds its data. root has no password but can only come in by the socket, as root.
[ -d "$data/mysql" ] || mariadb-install-db --no-defaults --datadir="$data" --skip-test-db

# The server runs these statements, each time it starts, before anybody can connect.
{
  cat /opt/catalog/catalog.sql
  echo "CREATE USER IF NOT EXISTS catalog IDENTIFIED BY '$MYSQL_PASSWORD';"
  echo "GRANT SELECT ON catalog.* TO catalog;"
} >"$run/init.sql"

# Without skip-name-resolve a host that connects and leaves a hundred times, as a tcpSocket probe does, is shut out.
exec mariadbd --no-defaults --datadir="$data" --tmpdir="$run" --socket="$run/mysqld.sock" --pid-file="$run/mysqld.pid" \
  --init-file="$run/init.sql" --skip-name-resolve --innodb-buffer-pool-size=16M --innodb-log-file-size=8M
