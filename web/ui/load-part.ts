const notFetched = /^(Failed to fetch dynamically imported module|error loading dynamically imported module|Importing a module script failed|Unable to preload CSS)/i;

/** Reports whether a part couldn't be fetched; everything else that an import throws is a mistake of the part itself. */
export const isNotFetched = (e: unknown) => e instanceof Error && notFetched.test(e.message);

/**
 * Loads a part of the dashboard (a dynamic import). While the server can't be reached it waits until it can: the page that stands goes on standing,
 * with what was typed into it. A part that failed all the same is remembered as failed by some browsers (Chromium), and after an upgrade its name is
 * another one: then the page is loaded anew, once.
 */
export async function loadPart<T>(load: () => Promise<T>, world: World = browser): Promise<T> {
  while (!world.online()) await world.pause();
  try {
    return await load();
  } catch (e) {
    if (!isNotFetched(e)) throw e;
    while (!(await world.reachable())) await world.pause();
    const again = await load().then(
      (part) => ({ part }),
      () => undefined,
    );
    if (again) return again.part;
    if (!world.reload(String(e))) throw e;
    return new Promise(() => {});
  }
}

/** Loads a part before it is wanted. When that fails nothing has happened. */
export function loadEarly(load: () => Promise<unknown>, world: World = browser) {
  if (world.online()) load().catch(() => {});
}

export type World = {
  online: () => boolean;
  reachable: () => Promise<boolean>;
  /** Reports whether the page is loaded anew: once a minute for one reason. */
  reload: (why: string) => boolean;
  pause: () => Promise<void>;
};

const browser: World = {
  online: () => navigator.onLine,
  reachable: () =>
    fetch("/", { method: "HEAD", cache: "no-store" }).then(
      (r) => r.ok,
      () => false,
    ),
  reload(why) {
    const key = "outrider.reloaded";
    const last = JSON.parse(sessionStorage.getItem(key) ?? "{}") as { why?: string; at?: number };
    if (last.why === why && Date.now() - (last.at ?? 0) < 60_000) return false;
    sessionStorage.setItem(key, JSON.stringify({ why, at: Date.now() }));
    location.reload();
    return true;
  },
  pause: () =>
    new Promise((done) => {
      const on = () => {
        clearTimeout(timer);
        removeEventListener("online", on);
        done();
      };
      const timer = setTimeout(on, 3000);
      addEventListener("online", on);
    }),
};
