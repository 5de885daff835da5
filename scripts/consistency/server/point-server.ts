import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { text } from "node:stream/consumers";
import { heldPoint, type PointNotice, type PointOrder } from "../worker/protocol.ts";

export type AtPoint = (notice: PointNotice) => Promise<PointOrder>;

/** A request that has its route, and waits before its shard. */
export interface Hold {
  arrived: Promise<void>;
  letGo(): void;
}

/** Tells the objects what to do at each point that a move comes to. */
export class PointServer {
  /** Times that each point was reached. */
  readonly reached = new Map<string, number>();
  readonly #server: Server;
  readonly #holds = new Map<string, { arrive(): void; gone: Promise<void> }>();
  #atPoint: AtPoint = async () => "go";

  private constructor() {
    this.#server = createServer((request, response) => {
      void (async () => {
        const notice: PointNotice = JSON.parse(await text(request));
        this.reached.set(notice.point, (this.reached.get(notice.point) ?? 0) + 1);
        const hold = this.#holds.get(notice.point);
        hold?.arrive();
        await hold?.gone;
        const order = hold === undefined ? await this.#atPoint(notice) : "go";
        response.setHeader("Content-Type", "application/json");
        response.end(JSON.stringify(order));
      })().catch(() => response.destroy());
    });
  }

  static async start(): Promise<PointServer> {
    const points = new PointServer();
    points.#server.listen(0, "127.0.0.1");
    await once(points.#server, "listening");
    return points;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("It does not listen.");
    return address.port;
  }

  onPoint(atPoint: AtPoint): void {
    this.#atPoint = atPoint;
  }

  /** For one request, which names it; a request that names none of the holds is not held. */
  hold(name: string): Hold {
    const arriving = Promise.withResolvers<void>();
    const going = Promise.withResolvers<void>();
    this.#holds.set(heldPoint(name), { arrive: arriving.resolve, gone: going.promise });
    return { arrived: arriving.promise, letGo: going.resolve };
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
