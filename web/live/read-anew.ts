import type { Query, QueryClient, QueryFilters } from "@tanstack/react-query";

const next = new WeakMap<Query, Promise<void>>(); // waits for what is under way to end, then reads once more

/**
 * Makes queries stale and reads anew those that are shown. What is under way is never cancelled: it ends and is shown, and what changed meanwhile
 * is read by one more read after it, however often it was asked for. So no query has more than one read under way, and a slow one comes to its end
 * however quickly events follow each other. Ends when all have been read that were asked for.
 */
export async function readAnew(client: QueryClient, filters: QueryFilters): Promise<void> {
  const read = (query: Query) => client.invalidateQueries({ predicate: (q) => q === query }, { cancelRefetch: false });
  const afterwards = async (query: Query) => {
    try {
      await query.fetch(undefined, { cancelRefetch: false }); // the one that is under way
    } catch {
      // it says so itself where it is shown
    }
    next.delete(query);
    await read(query);
  };
  await Promise.all(
    client
      .getQueryCache()
      .findAll(filters)
      .map((query) => {
        if (query.state.fetchStatus === "idle") return read(query);
        if (!next.has(query)) next.set(query, afterwards(query));
        return next.get(query);
      }),
  );
}
