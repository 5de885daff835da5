import { WorkerEntrypoint } from "cloudflare:workers";

export class CacheEntrypoint extends WorkerEntrypoint<Env> {}
