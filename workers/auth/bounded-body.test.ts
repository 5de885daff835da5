import { describe, expect, it } from "vitest";
import { readBoundedBody } from "./bounded-body.ts";

const URL_OF_IT = "https://cepatedge.example/login";

/** A body whose length no header tells. */
function streamed(chunks: string[]): { request: Request; pulled: () => number } {
  const encoder = new TextEncoder();
  let pulled = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const chunk = chunks[pulled];
        if (chunk === undefined) return controller.close();
        pulled += 1;
        controller.enqueue(encoder.encode(chunk));
      },
    },
    { highWaterMark: 0 },
  );
  const init: RequestInit & { duplex: "half" } = { method: "POST", body, duplex: "half" };
  return { request: new Request(URL_OF_IT, init), pulled: () => pulled };
}

describe("the body of a request", () => {
  it("is read whole up to the bound", async () => {
    const body = await readBoundedBody(streamed(["abc", "de"]).request, 5);
    expect(new TextDecoder().decode(body ?? undefined)).toBe("abcde");
  });

  it("is given up at the first byte too many, without reading on", async () => {
    const { request, pulled } = streamed(["abc", "def", "ghi", "jkl"]);
    expect(await readBoundedBody(request, 5)).toBeNull();
    expect(pulled()).toBe(2);
  });

  it("is empty where there is none", async () => {
    expect(await readBoundedBody(new Request(URL_OF_IT), 5)).toEqual(new Uint8Array());
  });
});
