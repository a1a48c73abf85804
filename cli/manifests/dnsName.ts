/** A name of an object by RFC 1123 (a subdomain). */
export const DNS_NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;
