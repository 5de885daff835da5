/**
 * What crosses an RPC boundary. Types only.
 *
 * Every method answers with a union that has a `kind` (or a plain record where nothing can be
 * refused). A throw means a bug or the platform: own properties of an Error do not cross RPC.
 * During a deploy old and new versions talk to each other, so fields are added, never renamed.
 *
 * Times are milliseconds since the Unix epoch (`...Ms`), sizes are bytes, unless a name says
 * otherwise. The words are those of docs/architecture.md.
 */
export type * from "./contracts/routing.ts";
export type * from "./contracts/topology.ts";
export type * from "./contracts/operations.ts";
export type * from "./contracts/moves.ts";
export type * from "./contracts/breaker.ts";
export type * from "./contracts/access.ts";
export type * from "./contracts/registry.ts";
export type * from "./contracts/entries.ts";
export type * from "./contracts/usage-logs.ts";
export type * from "./contracts/shard.ts";
export type * from "./contracts/cache.ts";
