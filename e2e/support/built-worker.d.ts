/** `build/server/index.js`, which the harness puts in the place of this name. */
declare module "built-worker" {
  const handler: ExportedHandler<Env>;
  export default handler;
  export const SigninGuard: new (ctx: DurableObjectState, env: Env) => object;
  export const CacheEntrypoint: new (ctx: ExecutionContext, env: Env) => object;
  class BuiltObject {
    constructor(ctx: DurableObjectState, env: Env);
    protected readonly ctx: DurableObjectState;
  }
  export class CacheShard extends BuiltObject {}
  export class ShardRegistry extends BuiltObject {}
}
