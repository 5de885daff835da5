/** `build/server/index.js`, which the harness puts in the place of this name. */
declare module "built-worker" {
  const handler: ExportedHandler<Env>;
  export default handler;
  export const ShardRegistry: new (ctx: DurableObjectState, env: Env) => object;
  export const SigninGuard: new (ctx: DurableObjectState, env: Env) => object;
  export const CacheEntrypoint: new (ctx: ExecutionContext, env: Env) => object;
  export class CacheShard {
    constructor(ctx: DurableObjectState, env: Env);
    protected readonly ctx: DurableObjectState;
  }
}
