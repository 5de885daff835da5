import { DurableObject } from "cloudflare:workers";

export class ShardRegistry extends DurableObject<Env> {}
