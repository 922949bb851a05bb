import { find } from "linkifyjs";
import { memo, type ReactNode } from "react";

/** A message's text, in which addresses of the web are links. */
export const MessageText = memo(function MessageText({ text }: { text: string }) {
  const parts: ReactNode[] = [];
  let end = 0;
  for (const { value, start, end: next } of find(text, "url")) {
    // It finds `example.com` and `ftp://…` too. Only what says http or https is followed.
    if (!/^https?:\/\//i.test(value)) continue;
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
