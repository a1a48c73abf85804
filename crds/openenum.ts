import { z } from "zod";

/**
 * An enum in a status, which another version of the operator may have written: the CRD lists the words of this version, and
 * one that it does not know is read as it stands, so that it costs the object neither its status nor itself.
 */
export function openEnum({
  options,
  description,
}: {
  options: readonly string[];
  description?: string | undefined;
}) {
  return z.string().meta({ ...(description !== undefined && { description }), enum: options });
}
