import { DurableObject } from "cloudflare:workers";

export class CacheShard extends DurableObject<Env> {}
