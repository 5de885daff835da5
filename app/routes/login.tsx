import { Form, useNavigation } from "react-router";
import { LoginCard } from "../components/shell/login-card.tsx";
import { Button } from "../components/ui/button.tsx";
import { Field } from "../components/ui/field.tsx";
import { Notice } from "../components/ui/status.tsx";
import type { Route } from "./+types/login";
import type { LoginFailure } from "./login.server.ts";

export { action, headers, loader } from "./login.server.ts";

export const meta: Route.MetaFunction = () => [{ title: "Sign in · CepatEdge" }];

export default function Login({ loaderData, actionData }: Route.ComponentProps) {
  const { next, method, problem } = loaderData;
  return (
    <LoginCard>
      {method === "access" ? (
        <Notice tone="warn" title="Not signed in">
          {problem}
        </Notice>
      ) : (
        <PasswordForm next={next} failure={actionData} />
      )}
    </LoginCard>
  );
}

function PasswordForm({ next, failure }: { next: string; failure: LoginFailure | undefined }) {
  const pending = useNavigation().formAction === "/login";
  return (
    // The way on travels in a field: with it in the address, server and browser encode it differently.
    <Form method="post" action="/login" className="flex flex-col gap-4" noValidate>
      {failure?.formError && <Notice tone="danger" title={failure.formError} announce />}
      <input type="hidden" name="next" value={next} />
      <Field
        label="E-mail"
        name="email"
        type="email"
        autoComplete="username"
        inputMode="email"
        autoCapitalize="none"
        spellCheck={false}
        required
        defaultValue={failure?.email}
        error={failure?.fieldErrors.email}
      />
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        required
        error={failure?.fieldErrors.password}
      />
      <Button tone="accent" pending={pending}>
        {pending ? "Signing in…" : "Sign in"}
      </Button>
    </Form>
  );
}
