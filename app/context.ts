import { createContext } from "react-router";

/** What workers/app.ts hands to every loader and action. Nothing in it outlives the request. */
export const cloudflareContext = createContext<{ env: Env; ctx: ExecutionContext }>();
