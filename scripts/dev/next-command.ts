/** What the other commands read as well, so that the next one finds this server. */
const SHARED_SETTINGS = ["PORT", "CEPATEDGE_STATE_DIR"];

/**
 * The command that brings traffic, as it can be typed in another terminal, which knows nothing of
 * this one's environment. Whoever has set nothing has nothing to repeat.
 */
export function nextCommand(root: string, cwd: string, environment: NodeJS.Dict<string>): string {
  const settings = SHARED_SETTINGS.flatMap((name) => {
    const value = environment[name];
    return value ? [`${name}=${quoted(value)}`] : [];
  });
  const where = cwd === root.replace(/\/$/, "") ? [] : [`cd ${quoted(root)} &&`];
  return [...where, ...settings, "npm run traffic"].join(" ");
}

function quoted(value: string): string {
  return /^[\w./:@-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}
