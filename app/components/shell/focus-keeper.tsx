import { Component } from "react";
import { useFetchers, useLocation } from "react-router";

/**
 * Whoever acts by keyboard, or has the page read out, goes on where the act has led: after a refusal
 * at the first field to put right; where the page has replaced what had the focus, at what came of
 * it (`data-focus-here`) or else at the page's heading. What was refused is scrolled into view. A
 * refresh moves nothing, unless it has taken away what had the focus.
 */
export function FocusKeeper() {
  const { key } = useLocation();
  const sending = useFetchers().filter(({ state }) => state === "submitting").length;
  return <Keeper step={`${key} ${sending}`} isSending={sending > 0} />;
}

interface KeeperProps {
  /** Another one when a navigation has ended, and when a form is sent or answered. */
  step: string;
  isSending: boolean;
}

/** A class, because only a class is asked what had the focus before the page changes. */
class Keeper extends Component<KeeperProps> {
  #sent: { form: Element; from: Element | null } | null = null;

  override componentDidMount() {
    document.addEventListener("submit", this.#onSubmit);
  }

  override getSnapshotBeforeUpdate() {
    return document.activeElement;
  }

  override componentDidUpdate(before: KeeperProps, _state: unknown, focused: Element | null) {
    const { activeElement, body } = document;
    const isReplaced = activeElement === body && focused !== null && !focused.isConnected;
    if (before.step === this.props.step) {
      if (isReplaced) goOnFromWhatCame();
      return;
    }
    if (this.props.isSending) return;
    const sent = this.#sent;
    this.#sent = null;
    // Somebody who has moved the focus meanwhile keeps it.
    const isStill = sent !== null && activeElement === sent.from;
    if (!isReplaced && !isStill) return;
    const place = sent?.form.isConnected ? sent.form : document;
    const invalid = place.querySelector<HTMLElement>("main [aria-invalid=true]");
    if (sent !== null && invalid !== null) invalid.focus();
    else if (isReplaced) goOnFromWhatCame();
    if (sent !== null && invalid === null) showRefusal();
  }

  override componentWillUnmount() {
    document.removeEventListener("submit", this.#onSubmit);
  }

  override render() {
    return null;
  }

  readonly #onSubmit = ({ target }: Event) => {
    if (target instanceof Element) this.#sent = { form: target, from: document.activeElement };
  };
}

/** It stands at the head of the page and the button at its foot: on a phone, screens apart. */
function showRefusal(): void {
  document.querySelector("main [role=alert]")?.scrollIntoView({ block: "nearest" });
}

function goOnFromWhatCame(): void {
  const place =
    document.querySelector<HTMLElement>("main [data-focus-here]") ??
    document.querySelector<HTMLElement>("main h1");
  if (place === null) return;
  place.tabIndex = -1;
  // Where the page scrolls to is not the focus's business.
  place.focus({ preventScroll: true });
}
