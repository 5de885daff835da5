export async function runScheduledWork(_env: Env): Promise<void> {}
