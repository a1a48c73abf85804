import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder as a Secret with a certificate is mounted, which a test removes itself. */
export const certificateFolder = () => mkdtempSync(join(tmpdir(), "netverdict-certificate-"));

/** Writes a new certificate and its key into the folder, as a renewal does. Returns the certificate. */
export function writeKeyPair(folder: string): string {
  const { cert, key } = selfSignedPair();
  writeFileSync(join(folder, "tls.crt"), cert);
  writeFileSync(join(folder, "tls.key"), key);
  return cert;
}

/** Writes a certificate of another key. */
export function writeOtherCertificate(folder: string): void {
  writeFileSync(join(folder, "tls.crt"), selfSignedPair().cert);
}

export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** A certificate for 127.0.0.1 that is its own CA, and its key, as PEM. */
export function selfSignedPair(): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const body = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)])),
    ECDSA_WITH_SHA256,
    NAME,
    sequence(utcTime(-DAY_MS), utcTime(DAY_MS)),
    NAME,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(IS_CA, FOR_LOCALHOST)),
  );
  const certificate = sequence(
    body,
    ECDSA_WITH_SHA256,
    der(0x03, Buffer.concat([Buffer.of(0), sign("sha256", body, privateKey)])),
  );
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return {
    cert: ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n"),
    key: String(privateKey.export({ type: "pkcs8", format: "pem" })),
  };
}

const DAY_MS = 86_400_000;

/** A value in DER (X.690), of at most 65,535 bytes. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const size = content.length;
  return Buffer.concat([Buffer.of(tag, ...lengthInDer(size)), content]);
}

/** In as few bytes as possible, which Go insists on. */
function lengthInDer(size: number): readonly number[] {
  if (size < 0x80) return [size];
  return size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
}

const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts);
const identifier = (...bytes: readonly number[]) => der(0x06, Buffer.of(...bytes));
const utcTime = (offset: number) => {
  const digits = new Date(Date.now() + offset).toISOString().replaceAll(/[-:T]/g, "").slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
};
const TRUE = der(0x01, Buffer.of(0xff));
const ECDSA_WITH_SHA256 = sequence(identifier(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
const NAME = sequence(der(0x31, sequence(identifier(0x55, 0x04, 0x03), der(0x0c, Buffer.from("localhost")))));
const IS_CA = sequence(identifier(0x55, 0x1d, 0x13), TRUE, der(0x04, sequence(TRUE)));
const FOR_LOCALHOST = sequence(
  identifier(0x55, 0x1d, 0x11),
  der(0x04, sequence(der(0x87, Buffer.of(127, 0, 0, 1)))),
);
