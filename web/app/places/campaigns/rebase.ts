/** Takes over from the server what wasn't touched here. */
export function rebase<T extends object>(draft: T, base: T, server: T): T {
  const out = { ...server };
  for (const k of Object.keys(draft) as (keyof T)[]) if (JSON.stringify(draft[k]) !== JSON.stringify(base[k])) out[k] = draft[k];
  return out;
}
