interface Gate {
  arrivals: number;
  opened: PromiseWithResolvers<void>;
  watchers: { count: number; reached: () => void }[];
}

/** Points at which requests stop until a test lets them go on. */
export class Gates {
  readonly #gates = new Map<string, Gate>();

  /** One more has come to the gate; resolves when it is open. */
  async pass(name: string): Promise<void> {
    const gate = this.#gate(name);
    gate.arrivals += 1;
    for (const { count, reached } of gate.watchers) if (gate.arrivals >= count) reached();
    await gate.opened.promise;
  }

  /** Resolves when `count` have come in all. */
  async arrived(name: string, count: number): Promise<void> {
    const gate = this.#gate(name);
    if (gate.arrivals >= count) return;
    await new Promise<void>((reached) => gate.watchers.push({ count, reached }));
  }

  /** Lets all go on that wait, and all that come later. */
  open(name: string): void {
    this.#gate(name).opened.resolve();
  }

  #gate(name: string): Gate {
    const known = this.#gates.get(name);
    if (known !== undefined) return known;
    const gate = { arrivals: 0, opened: Promise.withResolvers<void>(), watchers: [] };
    this.#gates.set(name, gate);
    return gate;
  }
}
