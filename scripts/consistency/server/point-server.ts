import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { text } from "node:stream/consumers";
import type { PointNotice, PointOrder } from "../worker/protocol.ts";

export type AtPoint = (notice: PointNotice) => Promise<PointOrder>;

/** Tells the objects what to do at each point that a move comes to. */
export class PointServer {
  /** Times that each point was reached. */
  readonly reached = new Map<string, number>();
  readonly #server: Server;
  #atPoint: AtPoint = async () => "go";

  private constructor() {
    this.#server = createServer((request, response) => {
      void (async () => {
        const notice: PointNotice = JSON.parse(await text(request));
        this.reached.set(notice.point, (this.reached.get(notice.point) ?? 0) + 1);
        const order = await this.#atPoint(notice);
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

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
