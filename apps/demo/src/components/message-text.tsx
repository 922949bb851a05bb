import { find } from "linkifyjs";
import { memo, type ReactNode } from "react";

/** A message's text, in which addresses of the web are links. */
export const MessageText = memo(function MessageText({ text }: { text: string }) {
  const parts: ReactNode[] = [];
  let end = 0;
  for (const { value, start, end: next } of find(text, "url")) {
    if (!isWebAddress(value)) continue;
    parts.push(text.slice(end, start));
    parts.push(
      <a key={start} href={value} target="_blank" rel="noopener noreferrer">
        {value}
      </a>,
    );
    end = next;
  }
  return [...parts, text.slice(end)];
});

/**
 * The library finds `example.com` and `ftp://…` too. A link names http or https, and shows where it
 * leads: no user's name stands before the host, and no character turns the text around.
 */
function isWebAddress(text: string): boolean {
  if (!/^https?:\/\//i.test(text) || /\p{Bidi_Control}/u.test(text) || !URL.canParse(text))
    return false;
  const { username, password } = new URL(text);
  return username === "" && password === "";
}
