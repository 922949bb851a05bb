import { type CSSProperties, type PointerEvent, useEffect } from "react";
import { type Painter, type Point, useCanvas } from "../canvas/use-canvas";
import { usePace } from "../canvas/use-pace";
import { useVisitorName } from "../storage/visitor";
import { hueOf } from "./avatar";
import { ClosedNotice } from "./closed-notice";
import { RoomTitle } from "./room-header";
import { SiteHeader } from "./site-header";

/** A room's canvas: everyone's cursors, with names and colours. */
export function CanvasPage({ roomName }: { roomName: string }) {
  const [visitorName] = useVisitorName();
  const { status, others, size, point, reconnect } = useCanvas(roomName, visitorName);
  const { messages, naive } = usePace(others);

  useEffect(() => {
    document.title = `Cursors in ${roomName} · partyflare`;
  }, [roomName]);

  return (
    <div className="canvas-page">
      <SiteHeader />
      <main className="room-main">
        <RoomTitle name={roomName} page="cursors" status={status}>
          <p className="canvas-count">{size} here</p>
        </RoomTitle>
        <dl className="canvas-pace" aria-label="Messages a second">
          <div>
            <dt>This page gets</dt>
            <dd>{messages} / s</dd>
          </div>
          <div>
            <dt>A room that forwards each move would send it</dt>
            <dd>{naive} / s</dd>
          </div>
        </dl>
        {status.state === "closed" && <ClosedNotice error={status.error} onRetry={reconnect} />}
        <Canvas others={others} isStale={status.state !== "open"} onPoint={point} />
      </main>
    </div>
  );
}

interface CanvasProps {
  others: readonly Painter[];
  /** Whether the cursors may have moved since. */
  isStale: boolean;
  onPoint: (cursor: Point | null) => void;
}

function Canvas({ others, isStale, onPoint }: CanvasProps) {
  const onMove = (event: PointerEvent<HTMLElement>) => {
    const { left, top, width, height } = event.currentTarget.getBoundingClientRect();
    const x = within((event.clientX - left) / width);
    const y = within((event.clientY - top) / height);
    onPoint({ x, y });
  };
  const onLeave = () => onPoint(null);
  const onUp = ({ pointerType }: PointerEvent) => {
    // A finger that is lifted points nowhere.
    if (pointerType !== "mouse") onLeave();
  };

  return (
    <section
      className="canvas"
      aria-label="Canvas"
      data-stale={isStale || undefined}
      onPointerDown={onMove}
      onPointerMove={onMove}
      onPointerUp={onUp}
      onPointerCancel={onLeave}
      onPointerLeave={onLeave}
    >
      <p className="canvas-hint">
        {others.length === 0
          ? "Open this page in a second tab or on a phone, and move there."
          : "Move here, and the others see it."}
      </p>
      {others.map((painter) => (
        <Cursor key={painter.key} painter={painter} />
      ))}
    </section>
  );
}

function Cursor({ painter: { key, info, presence } }: { painter: Painter }) {
  const cursor = presence?.cursor;
  if (!cursor) return null;
  const style = { "--hue": hueOf(key), "--x": cursor.x, "--y": cursor.y } as CSSProperties;
  return (
    <div className="cursor" style={style}>
      <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
        <path d="M3 2 17 9.5l-6 1.6L8 17 3 2Z" fill="currentColor" stroke="var(--surface)" />
      </svg>
      <bdi className="cursor-name">{info.name}</bdi>
    </div>
  );
}

/** Four digits: a pixel of any screen. */
function within(share: number): number {
  return Math.round(Math.min(1, Math.max(0, share)) * 10_000) / 10_000;
}
