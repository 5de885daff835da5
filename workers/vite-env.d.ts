/** What Vite adds to a module; the server build is typed by react-router, not by the pages in it. */
interface ImportMeta {
  readonly env: { readonly MODE: string };
}

declare module "virtual:react-router/server-build" {
  const build: import("react-router").ServerBuild;
  export = build;
}
