#!/usr/bin/env bash
# The same cron line on the days on which the clocks change: robfig/cron (Kubernetes' CronJob), croner and cron-parser run it at other times,
# and croner treats `30 2 * * *` and `*/30 2 * * *` by two different rules.
#
# Expected: robfig/cron skips what the missing hour holds and repeats the doubled hour; both npm libraries run it once, an hour later in
# spring.
# Seen with github.com/robfig/cron/v3 v3.0.1, croner 11.0.1 and cron-parser 5.10.6 in Europe/Berlin; the output is in UTC (in spring 01:00 is
# 03:00 there, and 02:00 to 03:00 does not exist; in autumn 00:00 and 01:00 are both 02:00):
#   - `30 2 * * *` in spring: no run at all in robfig/cron, at 03:00 in croner (neither 02:30 nor an hour later), at 03:30 in cron-parser;
#   - `*/30 2 * * *` in spring: no run in croner either, while cron-parser moves both;
#   - `30 2 * * *` in autumn: twice in robfig/cron, once in the others. `*/30 2 * * *`: in both hours in croner too, once in cron-parser;
#   - `0 */2 * * *` in spring: cron-parser adds a run at 03:00 between those at 00:00 and 04:00, the others leave four hours on the clock.
# Where it matters: a schedule with a time zone moved from a CronJob to a controller in Node, or a validity that is derived from "the next
# run": the night of the change has no run, one or two, by library and by how the line is written. Lines in UTC agree.
# Needs go, node and npm.
set -euo pipefail
export PATH=$PATH:/usr/local/go/bin GOFLAGS=-mod=mod
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-save croner@11.0.1 cron-parser@5.10.6 >/dev/null

# A line, the day in Europe/Berlin, and what to read: from and until in UTC.
cat >lines.txt <<'LINES'
30 2 * * *|spring|2026-03-28T22:00:00Z|2026-03-29T12:00:00Z
*/30 2 * * *|spring|2026-03-28T22:00:00Z|2026-03-29T12:00:00Z
0 */2 * * *|spring|2026-03-28T22:30:00Z|2026-03-29T03:00:00Z
30 2 * * *|autumn|2026-10-24T22:00:00Z|2026-10-25T12:00:00Z
*/30 2 * * *|autumn|2026-10-24T22:00:00Z|2026-10-25T12:00:00Z
15 2-3 * * *|autumn|2026-10-24T22:00:00Z|2026-10-25T12:00:00Z
LINES

cat >lines.mjs <<'JS'
import { readFileSync } from 'node:fs'
import { Cron } from 'croner'
import cronParser from 'cron-parser'

const libraries = {
  croner: (line, from) => new Cron(line, { timezone: 'Europe/Berlin', paused: true }).nextRuns(9, from),
  'cron-parser': (line, from) =>
    cronParser.CronExpressionParser.parse(line, { currentDate: from, tz: 'Europe/Berlin' }).take(9).map((date) => date.toDate()),
}
for (const row of readFileSync('lines.txt', 'utf8').trim().split('\n')) {
  const [line, day, from, until] = row.split('|')
  for (const [library, runs] of Object.entries(libraries)) {
    const times = runs(line, from).filter((date) => date < new Date(until)).map((date) => date.toISOString().slice(11, 16))
    console.log(`${line} ${day}, ${library}: ${times.join(' ') || 'no run'}`)
  }
}
JS
cat >go.mod <<'MOD'
module example.test/lines
go 1.26.0
require github.com/robfig/cron/v3 v3.0.1
MOD
cat >main.go <<'GO'
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"time"
	_ "time/tzdata"

	"github.com/robfig/cron/v3"
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	berlin := must(time.LoadLocation("Europe/Berlin"))
	for rows := bufio.NewScanner(must(os.Open("lines.txt"))); rows.Scan(); {
		row := strings.Split(rows.Text(), "|")
		until := must(time.Parse(time.RFC3339, row[3]))
		schedule := must(cron.ParseStandard(row[0]))
		times := ""
		for at := schedule.Next(must(time.Parse(time.RFC3339, row[2])).In(berlin)); at.Before(until); at = schedule.Next(at) {
			times += at.UTC().Format(" 15:04")
		}
		if times == "" {
			times = " no run"
		}
		fmt.Printf("%s %s, robfig/cron:%s\n", row[0], row[1], times)
	}
}
GO
seen=$( (node lines.mjs; go run . 2>go.log || cat go.log) | sort -t, -s -k1,1)
echo "$seen"
expected='*/30 2 * * * autumn, croner: 00:00 00:30 01:00 01:30
*/30 2 * * * autumn, cron-parser: 00:00 00:30
*/30 2 * * * autumn, robfig/cron: 00:00 00:30 01:00 01:30
*/30 2 * * * spring, croner: no run
*/30 2 * * * spring, cron-parser: 01:00 01:30
*/30 2 * * * spring, robfig/cron: no run
0 */2 * * * spring, croner: 23:00 02:00
0 */2 * * * spring, cron-parser: 23:00 01:00 02:00
0 */2 * * * spring, robfig/cron: 23:00 02:00
15 2-3 * * * autumn, croner: 00:15 01:15 02:15
15 2-3 * * * autumn, cron-parser: 00:15 02:15
15 2-3 * * * autumn, robfig/cron: 00:15 01:15 02:15
30 2 * * * autumn, croner: 00:30
30 2 * * * autumn, cron-parser: 00:30
30 2 * * * autumn, robfig/cron: 00:30 01:30
30 2 * * * spring, croner: 01:00
30 2 * * * spring, cron-parser: 01:30
30 2 * * * spring, robfig/cron: no run'
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
