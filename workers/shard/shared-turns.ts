/**
 * Lets operations that arrive together share one turn, and with it one commit.
 *
 * An object commits what one turn has written as a whole, and the commit, not the row, is what an
 * append costs: measured on local workerd with 16 callers of one object, a request whose append had a
 * turn of its own took 4.2–7.0 ms, one that shared turns 1.9–4.8 ms, one that appended nothing
 * 1.8–3.2 ms (four interleaved rounds, on cores that others kept busy).
 *
 * The first operation runs at once, so that a lone caller never waits. Those that come before the
 * next timer tick are gathered and run in it, in the order of their arrival, and so on until a tick
 * finds none. An operation is still one piece of work: one that throws fails alone.
 */
export class SharedTurns {
  /** What the next tick will run; null while no tick is due. */
  #gathered: (() => void)[] | null = null;

  run<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const attempt = () => {
        try {
          resolve(work());
        } catch (error) {
          reject(error);
        }
      };
      if (this.#gathered === null) {
        this.#openWindow();
        attempt();
      } else {
        this.#gathered.push(attempt);
      }
    });
  }

  #openWindow(): void {
    this.#gathered = [];
    setTimeout(() => this.#closeWindow(), 0);
  }

  #closeWindow(): void {
    const gathered = this.#gathered ?? [];
    this.#gathered = null;
    if (gathered.length === 0) return;
    this.#openWindow();
    for (const attempt of gathered) attempt();
  }
}
