/** Characters that XML 1.0 cannot contain, not even as a reference (https://www.w3.org/TR/xml/#charsets). */
const NO_XML_CHARACTER = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

const REFERENCES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;", // because of `]]>`
  '"': "&quot;",
  "\r": "&#13;", // a parser would read it as a line feed
};
/** In an attribute a parser would read them as spaces. */
const ATTRIBUTE_REFERENCES: Readonly<Record<string, string>> = { ...REFERENCES, "\n": "&#10;", "\t": "&#9;" };

const withReferences = (text: string, references: Readonly<Record<string, string>>) =>
  text
    .replaceAll(NO_XML_CHARACTER, "\uFFFD")
    .replaceAll(/[&<>"\r\n\t]/g, (character) => references[character] ?? character);

/** The text of an element. A character that XML cannot contain becomes U+FFFD. */
export const xmlText = (text: string) => withReferences(text, REFERENCES);

/** An element around markup: the texts of `xmlText`, and other elements. */
export function xmlElement(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  content: readonly string[] = [],
): string {
  const start = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${withReferences(String(value), ATTRIBUTE_REFERENCES)}"`,
  );
  if (content.length === 0) return `<${name}${start.join("")}/>`;
  return `<${name}${start.join("")}>${content.join("")}</${name}>`;
}
