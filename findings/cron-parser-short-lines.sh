#!/usr/bin/env bash
# cron-parser fills a line of too few fields from the left, so an empty schedule means every minute; croner refuses both.
#
# Expected: an error for a line that has not five fields (or six, with seconds), as croner gives, or the rest filled with * on the right.
# Seen with cron-parser 5.10.6 and croner 11.0.1, from 2026-11-02T00:00Z on:
#   - '' is accepted and runs each minute;
#   - '15 * *' is accepted, and 15 is the day of the month: the missing minute and hour are *, so it runs 1440 times on one day;
#   - '15 *' and '15' are refused, but not for their length: 15 is no month and no day of the week;
#   - croner refuses all four for the number of fields.
# Where it matters: a schedule that comes from an empty Helm value or environment variable. With croner it is a clear error; with cron-parser
# the check that was to run nightly, or never, runs each minute, and no validation by cron-parser itself catches it.
# Needs node and npm.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-save croner@11.0.1 cron-parser@5.10.6 >/dev/null

cat >lines.mjs <<'JS'
import { Cron } from 'croner'
import cronParser from 'cron-parser'

const from = '2026-11-02T00:00:00Z'
const libraries = {
  'cron-parser': (line) => cronParser.CronExpressionParser.parse(line, { currentDate: from, tz: 'UTC' }).take(2).map((date) => date.toDate()),
  croner: (line) => new Cron(line, { timezone: 'UTC', paused: true }).nextRuns(2, from),
}
for (const line of ['', '15 * *', '15 *', '15'])
  for (const [library, runs] of Object.entries(libraries)) {
    let seen
    try {
      seen = runs(line).map((date) => date.toISOString().slice(0, 16)).join(' and ')
    } catch (error) {
      seen = `refused, ${/field|space|format/.test(error.message) ? 'for its fields' : error.message}`
    }
    console.log(`'${line}' ${library}: ${seen}`)
  }
JS
seen=$(node lines.mjs)
echo "$seen"
expected="'' cron-parser: 2026-11-02T00:01 and 2026-11-02T00:02
'' croner: refused, for its fields
'15 * *' cron-parser: 2026-11-15T00:00 and 2026-11-15T00:01
'15 * *' croner: refused, for its fields
'15 *' cron-parser: refused, Constraint error, got value 15 expected range 1-12
'15 *' croner: refused, for its fields
'15' cron-parser: refused, Constraint error, got value 15 expected range 0-7
'15' croner: refused, for its fields"
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
