import type { Topic } from "./registry-state.ts";

/**
 * Tells dashboards that something has changed, and nothing else: they read what through the same
 * door as ever, with the rights they have. The sockets hibernate, so an idle one costs nothing.
 */

/** Browsers that listen at once; above it the one that has listened longest makes room. */
export const LIVE_SOCKETS_MAX = 500;

/** Messages are at least so far apart; what changes meanwhile goes into the next one. */
export const LIVE_INTERVAL_MS = 250;

/** Who listens, as the Worker that let them in says it. Nobody else can reach the registry. */
export const LIVE_WHO_HEADER = "X-Live-Who";
const WHO_LENGTH_MAX = 320;

/** What a browser sends to see whether the line still stands; answered without waking the object. */
export const LIVE_PING = "ping";
export const LIVE_PONG = "pong";

/** https://www.iana.org/assignments/websocket: try again later; and: a policy was violated. */
const CLOSE_TRY_AGAIN = 1013;
const CLOSE_POLICY = 1008;

interface Listener {
  who: string;
  sinceMs: number;
}

type LiveSocket = Pick<WebSocket, "send" | "close" | "deserializeAttachment">;

export interface LivePorts {
  sockets(): LiveSocket[];
  accept(socket: WebSocket): void;
  nowMs(): number;
  after(ms: number, work: () => void): void;
}

export class LiveChannel {
  readonly #ports: LivePorts;
  readonly #due = new Set<Topic>();
  #sentAtMs = 0;
  #isTimed = false;

  constructor(ports: LivePorts) {
    this.#ports = ports;
  }

  /** The answer to an upgrade; anything else is told to upgrade. */
  open(request: Request): Response {
    if (request.headers.get("Upgrade")?.toLowerCase() !== "websocket") {
      return new Response("Only WebSockets are spoken here.", { status: 426 });
    }
    this.#makeRoom();
    const { 0: browser, 1: own } = new WebSocketPair();
    this.#ports.accept(own);
    const who = (request.headers.get(LIVE_WHO_HEADER) ?? "unknown").slice(0, WHO_LENGTH_MAX);
    own.serializeAttachment({ who, sinceMs: this.#ports.nowMs() } satisfies Listener);
    return new Response(null, { status: 101, webSocket: browser });
  }

  /** Nobody gives orders through it. */
  refuse(socket: LiveSocket): void {
    socket.close(CLOSE_POLICY, "This channel only tells.");
  }

  /** A timer runs only while a message is due: it would keep the object in memory. */
  changed(topic: Topic): void {
    if (this.#due.size === 0 && this.#ports.sockets().length === 0) return;
    this.#due.add(topic);
    if (this.#isTimed) return;
    this.#isTimed = true;
    const sinceLast = this.#ports.nowMs() - this.#sentAtMs;
    const waitMs = Math.min(Math.max(0, LIVE_INTERVAL_MS - sinceLast), LIVE_INTERVAL_MS);
    this.#ports.after(waitMs, () => this.#send());
  }

  #send(): void {
    this.#isTimed = false;
    const message = JSON.stringify({ changed: [...this.#due] });
    this.#due.clear();
    this.#sentAtMs = this.#ports.nowMs();
    for (const socket of this.#ports.sockets()) {
      try {
        socket.send(message);
      } catch {
        // It has just gone; the platform takes it from the list.
      }
    }
  }

  #makeRoom(): void {
    const sockets = this.#ports.sockets();
    if (sockets.length < LIVE_SOCKETS_MAX) return;
    const oldest = sockets
      .map((socket) => ({ socket, sinceMs: sinceMsOf(socket) }))
      .toSorted((a, b) => a.sinceMs - b.sinceMs)
      .slice(0, sockets.length - LIVE_SOCKETS_MAX + 1);
    for (const { socket } of oldest) socket.close(CLOSE_TRY_AGAIN, "Too many listen.");
  }
}

function sinceMsOf(socket: LiveSocket): number {
  const listener: Listener | null = socket.deserializeAttachment();
  return listener?.sinceMs ?? 0;
}
