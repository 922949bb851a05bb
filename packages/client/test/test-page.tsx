import { act, type ReactNode } from "react";
import { hydrateRoot, type Root } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { expect, type MockInstance, vi } from "vitest";

/** What each component has rendered, in order. */
export const rendered: Record<string, string[]> = {};

/** Forgets what was rendered. */
export const forget = () => {
  for (const name of Object.keys(rendered)) delete rendered[name];
};

const note = (as: string, text: string) => (rendered[as] ??= []).push(text);

export function Shown({ as, text }: { as: string; text: string }) {
  note(as, text);
  return <p>{text}</p>;
}

/** A page that a server has rendered, and that React hydrates. */
export class TestPage {
  element = document.createElement("div");
  readonly #error: MockInstance;
  #root: Root | undefined;

  constructor() {
    vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
    this.#error = vi.spyOn(console, "error");
  }

  show(node: ReactNode): void {
    this.element = document.createElement("div");
    this.element.innerHTML = renderToString(node);
    forget();
    act(() => {
      this.#root = hydrateRoot(this.element, node);
    });
  }

  /** Renders something else. Call it within `act`, or a transition. */
  render(node: ReactNode): void {
    this.#root?.render(node);
  }

  unmount(): void {
    act(() => this.#root?.unmount());
    this.#root = undefined;
  }

  /** The texts of its paragraphs. */
  get text(): (string | null)[] {
    return Array.from(this.element.querySelectorAll("p"), (part) => part.textContent);
  }

  /** Ends the page, and checks that React has logged no error. */
  end(): void {
    this.unmount();
    expect(this.#error).not.toHaveBeenCalled();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  }
}
