import { runInDurableObject } from "cloudflare:test";

/**
 * Puts other methods in the place of a class's own, for every object of it that starts from now on.
 * The answer takes them away again; a file returns it from its `beforeAll`, for the sake of the next
 * file in the same isolate.
 *
 * @param probe an object of the class
 */
export async function patchClass(
  probe: DurableObjectStub,
  patched: (own: object) => Record<string, unknown>,
): Promise<() => void> {
  return await runInDurableObject(probe, (instance) => {
    const prototype: object = Object.getPrototypeOf(instance);
    const methods = Object.entries(patched(prototype));
    const before = methods.map(
      ([name]) => [name, Object.getOwnPropertyDescriptor(prototype, name)] as const,
    );
    for (const [name, method] of methods) Reflect.set(prototype, name, method);
    return () => {
      for (const [name, descriptor] of before) {
        if (descriptor === undefined) Reflect.deleteProperty(prototype, name);
        else Object.defineProperty(prototype, name, descriptor);
      }
    };
  });
}
