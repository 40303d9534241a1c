import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { useSession } from "@/app/session";
import { bulk as words } from "@/words/en/bulk";
import { w } from "@/words";

type Asked = Omit<Schemas["BulkCreate"], "cursor" | "dry_run">;
export type Foreseen = { done: number; unchanged: number; refused: number; codes: Record<string, number> };

/** What an operation would do with how many, asked page by page as the operation itself is. */
async function foresee(body: Asked, signal: AbortSignal): Promise<Foreseen> {
  const all: Foreseen = { done: 0, unchanged: 0, refused: 0, codes: {} };
  let cursor: string | undefined;
  for (let n = 0; n < 100; n++) {
    const page = await must(api.POST("/v1/leads/bulk", { body: { ...body, cursor, dry_run: true }, signal }));
    if (!("refused" in page)) break;
    all.done += page.done;
    all.unchanged += page.unchanged;
    all.refused += page.refused_count;
    for (const [code, m] of Object.entries(page.refused_by_code)) all.codes[code] = (all.codes[code] ?? 0) + m;
    cursor = page.next_cursor ?? undefined;
    if (!cursor) break;
  }
  return all;
}

/** A value once it has stayed the same for a while. */
function useSettled<T>(value: T, key: string): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), 500);
    return () => clearTimeout(timer);
  }, [key]);
  return settled;
}

/** Says beforehand how many would be changed, and how many not and why. undefined = it isn't known yet. */
export function useForeseen(body: Asked | undefined): { data?: Foreseen; asking: boolean } {
  const { org } = useSession();
  const asked = useSettled(body, JSON.stringify(body ?? null));
  const now = JSON.stringify(asked ?? null) === JSON.stringify(body ?? null);
  const preview = useQuery({ queryKey: [org, "leads", "bulk-preview", asked], enabled: !!asked, staleTime: 0, gcTime: 0, retry: 2, queryFn: ({ signal }) => foresee(asked!, signal) });
  return { data: now && body ? preview.data : undefined, asking: !!body && (!now || preview.isFetching) };
}

export function ForeseenLine({ data, asking }: { data?: Foreseen; asking: boolean }) {
  return (
    <p role="status" className="min-h-5 text-table text-text-2">
      {data ? (
        <>
          {words.would(data.done)}
          {data.unchanged > 0 && `, ${words.unchanged(data.unchanged)}`}
          {data.refused > 0 && (
            <span className="text-warn">
              {`, ${words.refused(data.refused)} ${Object.entries(data.codes)
                .map(([code, n]) => w.leads.refused(n, code))
                .join(", ")}`}
            </span>
          )}
          .
        </>
      ) : (
        asking && words.asking
      )}
    </p>
  );
}
