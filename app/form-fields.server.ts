import { readBoundedBody } from "../workers/auth/bounded-body.ts";

/** Far more than any form of the dashboard can fill. */
const FORM_BYTES_MAX = 65_536;

/** A form's text fields; null: the body is no form, or longer than any of ours. Never throws. */
export async function readFormFields(request: Request): Promise<Record<string, string> | null> {
  const body = await readBoundedBody(request, FORM_BYTES_MAX);
  if (body === null) return null;
  const headers = { "Content-Type": request.headers.get("Content-Type") ?? "" };
  try {
    const form = await new Response(body, { headers }).formData();
    const texts = [...form].filter((pair): pair is [string, string] => typeof pair[1] === "string");
    return Object.fromEntries(texts);
  } catch {
    return null;
  }
}
