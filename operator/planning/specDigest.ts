import { createHash } from "node:crypto";
import type { ConnectivityTestSpec } from "../../crds/connectivitytest.ts";

/**
 * Returns a digest of a spec without `suspend`, which changes nothing that a run tests. Two generations with the same
 * digest have the same verdict.
 */
export function specDigest(spec: ConnectivityTestSpec): string {
  return createHash("sha256")
    .update(JSON.stringify({ ...spec, suspend: undefined }))
    .digest("base64url")
    .slice(0, 22);
}
