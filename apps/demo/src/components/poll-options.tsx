import type { CSSProperties } from "react";
import type { Poll } from "../poll/use-poll";

interface PollOptionsProps {
  poll: Poll;
  options: readonly { readonly id: string; readonly text: string; readonly votes: number }[];
}

/** The options, with bars of their votes. A click votes. */
export function PollOptions({ poll: { value, vote, castVote }, options }: PollOptionsProps) {
  const total = options.reduce((sum, { votes }) => sum + votes, 0);
  const isOpen = value?.isOpen ?? false;
  return (
    <ul className="poll-options" aria-label="Options" aria-busy={!value}>
      {options.map(({ id, text, votes }) => {
        const share = total === 0 ? 0 : votes / total;
        return (
          <li key={id}>
            <button
              type="button"
              className="poll-option"
              style={{ "--share": share } as CSSProperties}
              aria-pressed={id === vote}
              aria-disabled={!isOpen}
              onClick={() => {
                if (isOpen) castVote(id);
              }}
            >
              <span className="poll-bar" aria-hidden="true" />
              <span className="poll-mark" aria-hidden="true">
                {id === vote && <CheckIcon />}
              </span>
              <span className="poll-text">{text}</span>
              <span className="poll-count">
                {value && (
                  <>
                    {votes}
                    <span className="visually-hidden">
                      {votes === 1 ? " vote" : " votes"},
                    </span>{" "}
                    <span className="poll-share">{Math.round(share * 100)} %</span>
                  </>
                )}
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function CheckIcon() {
  return (
    <svg viewBox="0 0 20 20" width="20" height="20" fill="none">
      <path d="m4 10.5 4 4 8-9" stroke="currentColor" strokeWidth="2.2" strokeLinecap="round" />
    </svg>
  );
}
