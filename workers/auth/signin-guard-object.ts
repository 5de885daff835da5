import { DurableObject } from "cloudflare:workers";

export class SigninGuard extends DurableObject<Env> {}
