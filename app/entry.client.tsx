import { startTransition, StrictMode } from "react";
import { hydrateRoot } from "react-dom/client";
import { HydratedRouter } from "react-router/dom";

// Tells the server that late panels can be streamed (see script-support.server.ts).
document.cookie = "cepatedge-script=1; Path=/; Max-Age=31536000; SameSite=Lax";

startTransition(() => {
  hydrateRoot(
    document,
    <StrictMode>
      <HydratedRouter />
    </StrictMode>,
  );
});
