/** How many bytes a text has as UTF-8. A lone surrogate counts three: it is sent as U+FFFD. */
export function utf8Length(text: string): number {
  // Most text is plain, which V8 finds out faster than a loop does.
  if (PLAIN.test(text)) return text.length;
  let length = 0;
  for (const character of text) length += bytesOf(character.codePointAt(0) ?? 0);
  return length;
}

// oxlint-disable-next-line no-control-regex -- they are plain too
const PLAIN = /^[\0-\x7f]*$/;

/** RFC 3629 §3. */
function bytesOf(codePoint: number): number {
  if (codePoint > 0xffff) return 4;
  if (codePoint > 0x7ff) return 3;
  return codePoint > 0x7f ? 2 : 1;
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
