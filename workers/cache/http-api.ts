export function isApiRequest(request: Request): boolean {
  return new URL(request.url).pathname.startsWith("/v1/");
}

export async function handleApiRequest(
  _request: Request,
  _env: Env,
  _ctx: ExecutionContext,
): Promise<Response> {
  return new Response(null, { status: 501 });
}
