/**
 * How many bytes a text has as UTF-8 (RFC 3629 §3). A lone surrogate counts three: it is sent as
 * U+FFFD.
 */
export function utf8Length(text: string): number {
  return text
    .replaceAll(/[\ud800-\udbff][\udc00-\udfff]/g, "4444")
    .replaceAll(/[\u0080-\u07ff]/g, "22")
    .replaceAll(/[\u0800-\uffff]/g, "333").length;
}

/**
 * A text as UTF-8, a character for each byte. Not by `TextEncoder`, which React Native and jsdom may
 * lack. A lone surrogate is U+FFFD.
 */
export function utf8Binary(text: string): string {
  return encodeURIComponent(text.replaceAll(/[\ud800-\udfff]/gu, "\ufffd")).replaceAll(
    /%(..)/g,
    (_, byte: string) => String.fromCharCode(parseInt(byte, 16)),
  );
}
