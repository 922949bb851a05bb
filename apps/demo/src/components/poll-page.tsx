import { useEffect } from "react";
import { newPoll } from "../../poll-rules";
import { type Poll, usePoll } from "../poll/use-poll";
import { pagePath } from "../route";
import { ClosedNotice } from "./closed-notice";
import { CopyLink } from "./copy-link";
import { PollOptions } from "./poll-options";
import { RoomTitle } from "./room-header";
import { SiteHeader } from "./site-header";
import { StaleNote } from "./stale-note";

/** Keeps the places of the options until the room has sent them. */
const LOADING = newPoll();

const LIST = new Intl.ListFormat("en", { type: "conjunction" });

/** A room's poll: one vote for each browser, with live results. */
export function PollPage({ roomName }: { roomName: string }) {
  const poll = usePoll(roomName);
  const { status, size, asOfMs, refusal, reconnect } = poll;
  const { question, options } = poll.value ?? LOADING;
  const votes = options.reduce((sum, option) => sum + option.votes, 0);

  useEffect(() => {
    document.title = `Poll in ${roomName} · partyflare`;
  }, [roomName]);

  return (
    <div className="shared-page">
      <SiteHeader />
      <main className="room-main">
        <RoomTitle name={roomName} page="poll" status={status}>
          <p className="canvas-count">{size} here</p>
        </RoomTitle>
        {status.state === "closed" && <ClosedNotice error={status.error} onRetry={reconnect} />}
        <div className="shared-column" data-stale={asOfMs !== null || undefined}>
          <h2 className="poll-question">{question}</h2>
          <PollOptions poll={poll} options={options} />
          <p className="poll-total">
            {poll.value ? `${votes} ${votes === 1 ? "vote" : "votes"}` : "Joining the room…"}{" "}
            <StaleNote asOfMs={asOfMs} />
          </p>
          <div className="poll-news">
            <p aria-live="polite">{refusal === undefined && newsOf(poll, votes)}</p>
            <p className="field-error" role="alert">
              {refusal !== undefined && `Not counted: ${refusal}`}
            </p>
          </div>
          <p className="poll-host">
            {poll.isHost
              ? "You opened this poll first, so you are its host."
              : "The browser that opened this poll first is its host, and may close it."}
          </p>
          <div className="shared-actions">
            <CopyLink path={pagePath("poll", roomName)} />
            {poll.value && poll.isHost && <OpenButton poll={poll} isOpen={poll.value.isOpen} />}
          </div>
        </div>
      </main>
    </div>
  );
}

/** The host's button. */
function OpenButton({ poll: { setOpen }, isOpen }: { poll: Poll; isOpen: boolean }) {
  return (
    <button type="button" className="button" onClick={() => setOpen(!isOpen)}>
      {isOpen ? "Close the poll" : "Reopen the poll"}
    </button>
  );
}

/** Returns what matters to this visitor, in words. */
function newsOf({ value, vote, isPending, asOfMs }: Poll, votes: number): string {
  if (!value) return "";
  const text = value.options.find(({ id }) => id === vote)?.text;
  if (!value.isOpen) return `The poll is closed. ${outcomeOf(value.options)}`;
  if (isPending && asOfMs !== null) {
    return `Your vote for ${text} is sent when the connection is back.`;
  }
  if (text !== undefined) return `You have voted for ${text}. Another choice changes your vote.`;
  return votes === 0 ? "Nobody has voted yet. Be the first." : "Choose one. You may change it.";
}

function outcomeOf(options: readonly { readonly text: string; readonly votes: number }[]): string {
  const most = Math.max(...options.map(({ votes }) => votes));
  if (most === 0) return "Nobody has voted.";
  const first = options.filter(({ votes }) => votes === most).map(({ text }) => text);
  return first.length === 1 ? `${first[0]} has won.` : `A tie between ${LIST.format(first)}.`;
}
