import { QueryClient, useMutation, useQueryClient, type QueryKey } from "@tanstack/react-query";
import { ProblemError } from "@/api/problem";
import { toast } from "@/ui/toast";

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 60_000, // the live stream says what is stale before that
      gcTime: 10 * 60_000,
      retry: (failed, err) => failed < 3 && err instanceof ProblemError && (err.status === 503 || err.status === 429 || err.status === 0),
      retryDelay: (n, err) => (err instanceof ProblemError && err.retryAfter ? err.retryAfter * 1000 : 500 * 2 ** n),
      refetchOnWindowFocus: false,
    },
    mutations: { retry: false },
  },
});

// The root element says how many queries are under way; 0 = what is shown is what there is.
const tellFetching = () => (document.documentElement.dataset.fetching = String(queries.isFetching()));
queries.getQueryCache().subscribe(tellFetching);
tellFetching();

/**
 * One write: what it does, what is stale after it, what to say. A refusal is shown as a toast with the server's words unless onProblem takes it.
 * The same key goes with every repeat of one click, so that Retry never does a thing twice.
 */
export function useWrite<A, R>(o: {
  run: (args: A, headers: { "Idempotency-Key": string }) => Promise<R>;
  stale?: (args: A, result: R) => QueryKey[];
  done?: (args: A, result: R) => void;
  onProblem?: (err: ProblemError, args: A) => boolean | void; // true = taken care of
}) {
  const client = useQueryClient();
  return useMutation<R, unknown, A>({
    mutationFn: (args) => {
      const headers = { "Idempotency-Key": crypto.randomUUID() };
      return withRetry(() => o.run(args, headers));
    },
    onSuccess: (result, args) => {
      for (const queryKey of o.stale?.(args, result) ?? []) void client.invalidateQueries({ queryKey });
      o.done?.(args, result);
    },
    onError: (err, args) => {
      if (err instanceof ProblemError) {
        if (o.onProblem?.(err, args) !== true) toast.problem(err);
      } else throw err;
    },
  });
}

async function withRetry<R>(run: () => Promise<R>): Promise<R> {
  for (let n = 0; ; n++) {
    try {
      return await run();
    } catch (err) {
      const later = err instanceof ProblemError && (err.status === 503 || err.status === 0);
      if (!later || n >= 2) throw err;
      await new Promise((r) => setTimeout(r, (err.retryAfter ?? 2 ** n) * 1000));
    }
  }
}
