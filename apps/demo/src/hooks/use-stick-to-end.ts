import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** The distance from the end, in CSS pixels, that still counts as the end. */
const NEAR_PX = 48;

/** The contents of the list, as far as scrolling depends on them. */
interface Contents {
  readonly count: number;
  /** Whether the reader wrote the last message. The list then scrolls to it from anywhere. */
  readonly lastIsOwn: boolean;
}

/** The result for the list's component. */
interface StuckList {
  /** The ref of the element that scrolls. */
  readonly list: RefObject<HTMLDivElement | null>;
  /** Messages that have arrived since the reader scrolled up; 0 at the end. */
  readonly unread: number;
  readonly scrollToEnd: () => void;
}

/**
 * Keeps a scrolled list at its end while messages arrive. If the reader has scrolled up, the list
 * does not move, and new messages are counted.
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
    // A keyboard that opens, or a composer that grows, shrinks the list.
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

  // At the end everything is read. Further up, the count stays at its value when the reader
  // scrolled.
  if (isAtEnd && readCount !== count) setReadCount(count);
  return { list, unread: isAtEnd ? 0 : Math.max(0, count - readCount), scrollToEnd };
}
