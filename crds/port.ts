import { z } from "zod";
import { celPattern, withRules } from "./validationRules.ts";

/**
 * A port name (RFC 6335 §5.1), as Kubernetes accepts it for container ports: at least one letter, no two hyphens in a
 * row.
 */
const PORT_NAME = /^([0-9]+-)*[0-9]*[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
/** Also limits CEL's cost estimate, which uses the length of an int-or-string since Kubernetes 1.34. */
const LONGEST_PORT_NAME = 15;

/** A port by number, or by the name that the target's Service or pods define. */
export const portSchema = withRules(
  z.union([z.int(), z.string().max(LONGEST_PORT_NAME)]).meta({
    description: "A number from 1 to 65535, or the name of a port of the Service or of the pods.",
    "x-kubernetes-int-or-string": true,
    maxLength: LONGEST_PORT_NAME,
  }),
  [
    {
      cel: `type(self) == int ? self >= 1 && self <= 65535 : string(self).matches(${celPattern(PORT_NAME)})`,
      message:
        "must be a number from 1 to 65535 or a port name (at most 15 of a-z, 0-9 and -, with a letter)",
      holds: (port) => (typeof port === "number" ? port >= 1 && port <= 65_535 : PORT_NAME.test(port)),
    },
  ],
);
export type Port = z.infer<typeof portSchema>;
