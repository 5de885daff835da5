import { data, redirect } from "react-router";
import { z } from "zod";
import type { DbAnswer } from "../../workers/db/answer.ts";
import { getDb } from "../../workers/db/get-db.ts";
import {
  deleteSavedView,
  listSavedViews,
  SAVED_VIEWS_PER_PAGE_MAX,
  saveView,
  type SavedView,
} from "../../workers/db/saved-views.ts";
import type { SignedInOperator } from "../auth.server.ts";
import { logsHref, logsSearch } from "../components/logs/filters.ts";
import { readFormFields } from "../form-fields.server.ts";
import { readLogsQuery } from "./logs-query.server.ts";

const PAGE = "/logs";
export const VIEW_NAME_LENGTH_MAX = 80;

/** What the form shows after it was sent in vain. */
export interface ViewFailure {
  name: string;
  nameError: string | null;
  formError: string | null;
}

const saveSchema = z.object({
  name: z
    .string("Give the view a name.")
    .trim()
    .min(1, "Give the view a name.")
    .max(VIEW_NAME_LENGTH_MAX, `At most ${VIEW_NAME_LENGTH_MAX} characters.`)
    // Postgres keeps no NUL in a text.
    .refine((name) => !name.includes("\u0000") && name.isWellFormed(), "Use plain characters."),
  search: z.string(),
});
const deleteSchema = z.object({ id: z.uuid() });

export type ViewsAnswer = DbAnswer<SavedView[]>;

/** The views that this operator has kept; `unavailable` where the database does not answer. */
export function readViews(env: Env, { id }: SignedInOperator): Promise<ViewsAnswer> {
  return listSavedViews(getDb(env), id, PAGE);
}

/** Keeps the view that the form names, or forgets one, and goes back to the page. */
export async function changeViews(env: Env, request: Request, { id }: SignedInOperator) {
  const form = (await readFormFields(request)) ?? {};
  const back = new URL(request.url).search;
  const gone = deleteSchema.safeParse(form);
  if (gone.success) {
    const answer = await deleteSavedView(getDb(env), id, gone.data.id);
    return answer.kind === "ok" ? redirect(`${PAGE}${back}`) : databaseDown("", answer.message);
  }
  const parsed = saveSchema.safeParse(form);
  if (!parsed.success) {
    const [nameError = null] = z.flattenError(parsed.error).fieldErrors.name ?? [];
    const name = (form["name"] ?? "").slice(0, VIEW_NAME_LENGTH_MAX);
    return data(failure({ name, nameError }), { status: 400 });
  }
  const { name, search } = parsed.data;
  const { filters } = readLogsQuery(new URL(`https://x.invalid/?${search}`), Date.now());
  const view = { operatorId: id, page: PAGE, name, searchParams: logsSearch(filters) };
  const answer = await saveView(getDb(env), view);
  if (answer.kind === "unavailable") return databaseDown(name, answer.message);
  if (answer.value.kind === "too-many") {
    const formError = `You have ${SAVED_VIEWS_PER_PAGE_MAX} views already. Delete one first.`;
    return data(failure({ name, formError }), { status: 409 });
  }
  return redirect(logsHref(filters));
}

function databaseDown(name: string, message: string) {
  const formError = `The database does not answer, so nothing was changed. ${message}`;
  return data(failure({ name, formError }), { status: 503 });
}

function failure(given: Partial<ViewFailure>): ViewFailure {
  return { name: "", nameError: null, formError: null, ...given };
}
