/**
 * workerd's own module for tests, behind the compatibility flag `unsafe_module`; `evictDurableObject`
 * of @cloudflare/vitest-plugin calls it, too.
 */
declare module "workerd:unsafe" {
  const unsafe: {
    /**
     * Takes an object out of memory as idleness does: what it has under way is finished first, and
     * what comes next finds a new instance.
     */
    evict(stub: DurableObjectStub, options: { webSockets: "hibernate" | "close" }): Promise<void>;
  };
  export default unsafe;
}
