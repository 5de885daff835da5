import { defineConfig } from "oxlint";

/**
 * The import rules of docs/architecture.md. A rule that forbids says where the thing belongs.
 * oxlint replaces a rule's options where overrides overlap, so each folder gets its whole list.
 */

interface Ban {
  regex: string;
  message: string;
  allowTypeImports?: boolean;
}

const WORKER_FEATURES = [
  "registry",
  "shard",
  "breaker",
  "cache",
  "hashing",
  "db",
  "auth",
  "services",
];

const noComposition: Ban = {
  regex: "(^|/)(\\.\\.|workers)/app(\\.ts)?$",
  message:
    "workers/app.ts is the composition root: nothing imports it. Take what you need from the feature's own file.",
};
const noRuntime: Ban = {
  regex: "^cloudflare:workers$",
  message:
    "Only *-object.ts, *-entrypoint.ts and app.ts see the runtime. Keep this file pure: take what it needs as arguments, nowMs included.",
};
const noDatabaseDriver: Ban = {
  regex: "^(drizzle-orm|drizzle-kit|@neondatabase/serverless)(/|$)",
  message:
    "Only workers/db/ knows drizzle and neon. Write a query there and call it with getDb(env).",
};
const noRecharts: Ban = {
  regex: "^recharts$",
  message: "Only app/components/charts/ knows recharts, so that it stays lazy and replaceable.",
};
const noWorkersInComponents: Ban = {
  regex: `/workers/(${WORKER_FEATURES.join("|")}|lib)/`,
  message:
    "Components take types from workers/contracts.ts alone. Call workers/ from a route's loader or action, or from a *.server.ts file: no line of it may reach the browser.",
};
const noContractValues: Ban = {
  regex: "/workers/contracts",
  allowTypeImports: true,
  message: "workers/contracts.ts holds types only: use `import type`.",
};

function noFeatureBut(...allowed: string[]): Ban {
  const forbidden = WORKER_FEATURES.filter((feature) => !allowed.includes(feature));
  return {
    regex: `^(\\.\\./)+(${forbidden.join("|")})/`,
    message:
      "Features do not know each other; they meet in workers/cache/cache-service.ts. Share a type in contracts.ts, a bound in lib/, or pass a function.",
  };
}

const noFeatures: Ban = {
  regex: `^(\\.\\.?/)+(${WORKER_FEATURES.join("|")})/`,
  message:
    "workers/lib/ and workers/contracts/ stand below every feature and know none. What a feature needs of another goes here; what knows a feature goes into that feature's folder.",
};

const ban = (...patterns: Ban[]) => ({
  "eslint/no-restricted-imports": ["error", { patterns }] as ["error", object],
});

const feature = (name: string, ...mayImport: string[]) => ({
  files: [`workers/${name}/**/*.ts`],
  rules: ban(
    noComposition,
    noFeatureBut(name, ...mayImport),
    noRuntime,
    ...(name === "db" ? [] : [noDatabaseDriver]),
  ),
});

const featureObject = (name: string, ...mayImport: string[]) => ({
  files: [`workers/${name}/*-object.ts`, `workers/${name}/*-entrypoint.ts`],
  rules: ban(noComposition, noFeatureBut(name, ...mayImport), noDatabaseDriver),
});

export default defineConfig({
  plugins: [
    "eslint",
    "typescript",
    "unicorn",
    "oxc",
    "react",
    "import",
    "promise",
    "jsx-a11y",
    "vitest",
  ],
  options: { typeAware: true },
  categories: { correctness: "error", suspicious: "error" },
  ignorePatterns: [
    "build/**",
    ".react-router/**",
    ".wrangler/**",
    ".cepatedge/**",
    "workers/env.d.ts",
    "migrations/**",
  ],
  rules: {
    "typescript/no-floating-promises": "error",
    "typescript/no-misused-promises": "error",
    "typescript/await-thenable": "error",
    "typescript/switch-exhaustiveness-check": "error",
    "typescript/no-explicit-any": "error",
    "typescript/no-non-null-assertion": "error",
    "eslint/max-lines": ["error", { max: 300, skipComments: true, skipBlankLines: true }],
    "eslint/no-console": "error",
    "eslint/no-await-in-loop": "off",
    "import/no-cycle": "error",
    "import/no-unassigned-import": "off",
    "react/react-in-jsx-scope": "off",
    "vitest/no-disabled-tests": "error",
    "vitest/no-focused-tests": "error",
  },
  overrides: [
    { files: ["workers/**/*.ts"], rules: ban(noComposition, noDatabaseDriver) },
    {
      files: ["workers/lib/**/*.ts", "workers/contracts/**/*.ts", "workers/contracts.ts"],
      rules: ban(noComposition, noFeatures, noRuntime, noDatabaseDriver),
    },
    feature("hashing"),
    feature("breaker"),
    feature("shard", "hashing"),
    feature("registry", "hashing", "breaker"),
    feature("db"),
    feature("auth", "db"),
    feature("services", "db", "auth", "registry", "shard", "cache"),
    feature("cache", "hashing", "registry", "shard", "services", "auth"),
    featureObject("shard", "hashing"),
    featureObject("registry", "hashing", "breaker"),
    featureObject("auth", "db"),
    featureObject("cache", "hashing", "registry", "shard", "services", "auth"),
    {
      files: ["app/**/*.ts", "app/**/*.tsx"],
      rules: ban(
        noComposition,
        noRuntime,
        noDatabaseDriver,
        noRecharts,
        noContractValues,
        noWorkersInComponents,
      ),
    },
    {
      files: ["app/routes/**", "app/**/*.server.ts", "app/**/*.server.tsx", "app/entry.server.tsx"],
      rules: ban(noComposition, noRuntime, noDatabaseDriver, noRecharts, noContractValues),
    },
    {
      files: ["app/components/charts/**"],
      rules: ban(
        noComposition,
        noRuntime,
        noDatabaseDriver,
        noContractValues,
        noWorkersInComponents,
      ),
    },
    { files: ["scripts/**"], rules: { "eslint/no-console": "off" } },
    {
      files: ["scripts/**/*.ts", "e2e/**/*.ts", "*.config.ts"],
      rules: ban(noComposition, noRuntime, noDatabaseDriver),
    },
    // The benchmark's own objects.
    { files: ["scripts/bench/*-object.ts"], rules: ban(noComposition, noDatabaseDriver) },
    // Migrations know drizzle's journal and schema; a test empties the tables between two products.
    {
      files: ["drizzle.config.ts", "scripts/database/migrations.ts", "e2e/support/ground.ts"],
      rules: ban(noComposition, noRuntime),
    },
    {
      files: ["**/*.test.ts", "**/*.test.tsx", "**/*.spec.ts"],
      rules: { "eslint/max-lines": "off", "eslint/no-restricted-imports": "off" },
    },
  ],
});
