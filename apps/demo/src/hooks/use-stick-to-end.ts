import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** How far from the end, in CSS pixels, still counts as being there. */
const NEAR_PX = 48;

/** What is in the list, as far as scrolling is concerned. */
interface Contents {
  readonly count: number;
  /** Whether the reader wrote the last message: then they want to see it, wherever they were. */
  readonly lastIsOwn: boolean;
}

/** What the list's component needs. */
interface StuckList {
  /** For the element that scrolls. */
  readonly list: RefObject<HTMLDivElement | null>;
  /** Messages that have come since the reader scrolled up; 0 at the end. */
  readonly unread: number;
  readonly scrollToEnd: () => void;
}

/**
 * Keeps a scrolled list at its end while messages arrive, unless the reader has scrolled up: then
 * nothing moves, and what is new is counted.
 */
export function useStickToEnd({ count, lastIsOwn }: Contents): StuckList {
  const list = useRef<HTMLDivElement>(null);
  const [isAtEnd, setIsAtEnd] = useState(true);
  const [readCount, setReadCount] = useState(count);
  const atEnd = useRef(true);
  const seenCount = useRef(0);

  const scrollToEnd = useCallback(() => {
    if (list.current) list.current.scrollTop = list.current.scrollHeight;
  }, []);

  useLayoutEffect(() => {
    const hasNew = count > seenCount.current;
    seenCount.current = count;
    if (hasNew && (atEnd.current || lastIsOwn)) scrollToEnd();
  }, [count, lastIsOwn, scrollToEnd]);

  useEffect(() => {
    const element = list.current;
    if (!element) return undefined;
    const onScroll = () => {
      const below = element.scrollHeight - element.scrollTop - element.clientHeight;
      atEnd.current = below <= NEAR_PX;
      setIsAtEnd(atEnd.current);
    };
    // A keyboard that slides in, or a composer that grows, takes its room from the list.
    const observer = new ResizeObserver(() => {
      if (atEnd.current) scrollToEnd();
    });
    element.addEventListener("scroll", onScroll, { passive: true });
    observer.observe(element);
    return () => {
      element.removeEventListener("scroll", onScroll);
      observer.disconnect();
    };
  }, [scrollToEnd]);

  // At the end everything is read; further up it stays at what was there when the reader left.
  if (isAtEnd && readCount !== count) setReadCount(count);
  return { list, unread: isAtEnd ? 0 : Math.max(0, count - readCount), scrollToEnd };
}
