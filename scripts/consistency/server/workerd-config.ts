import { unstable_readConfig } from "wrangler";

export interface WorkerdParts {
  /** The bundle's name; it lies beside the configuration. */
  bundle: string;
  /** Where the objects' storage is. */
  storage: string;
  /** Of the server that answers at the points. */
  harnessPort: number;
  /** 0: a free one. */
  port: number;
  /** At which objects stop and ask: `all`, `none`, or the name of the only one. */
  points: string;
  v8Flags: readonly string[];
}

/** So that the harness can evict an object; workerd has it only with `--experimental`. */
const UNSAFE = "unsafe_module";

/**
 * What workerd is told to serve: the harness's Worker on the product's compatibility date, with
 * storage on disk, so that a process that is killed finds its data again. See workerd.capnp in the
 * package `workerd`.
 */
export function workerdConfig({
  bundle,
  storage,
  harnessPort,
  port,
  points,
  v8Flags,
}: WorkerdParts): string {
  const { compatibility_date: date, compatibility_flags: flags } = unstable_readConfig({
    config: "wrangler.toml",
  });
  if (date === undefined) throw new Error("wrangler.toml has no compatibility_date.");
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "harness", external = (address = "127.0.0.1:${harnessPort}", http = ())),
    (name = "storage", disk = (path = ${text(storage)}, writable = true)),
  ],
  v8Flags = [${v8Flags.map(text).join(", ")}],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed ${text(bundle)})],
  compatibilityDate = ${text(date)},
  compatibilityFlags = [${[...flags, UNSAFE].map(text).join(", ")}],
  bindings = [
    (name = "CEPATEDGE_REGISTRY", durableObjectNamespace = "HarnessRegistry"),
    (name = "CEPATEDGE_CACHE", durableObjectNamespace = "HarnessShard"),
    (name = "HARNESS", service = "harness"),
    (name = "HARNESS_POINTS", text = ${text(points)}),
  ],
  durableObjectNamespaces = [
    (className = "HarnessRegistry", uniqueKey = "registry", enableSql = true),
    (className = "HarnessShard", uniqueKey = "shard", enableSql = true),
  ],
  durableObjectStorage = (localDisk = "storage"),
);
`;
}

const text = (value: string): string => JSON.stringify(value);
