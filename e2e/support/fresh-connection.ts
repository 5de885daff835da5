/**
 * workerd closes a connection that was idle for five seconds, and one on which it has answered
 * without reading the request's body; a request that is on its way at that moment is lost. On busy
 * cores a client's own, shorter bound comes too late: so every request of a test has a connection
 * of its own.
 */
export const FRESH_CONNECTION = { connection: "close" };
