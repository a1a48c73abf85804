/** The version of Node that undici and the program need. */
const NEEDED_NODE = 24;

// Imported first, because the packages of the bundle fail on an older Node. It would exit with 1, which here means Failed.
const [major = 0] = process.versions.node.split(".").map(Number);
if (major < NEEDED_NODE) {
  process.stderr.write(
    `Node ${process.versions.node}: it is too old. Run netverdict with Node ${NEEDED_NODE} or later.\n`,
  );
  process.exit(3);
}
