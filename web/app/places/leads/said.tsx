import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, must, type Schemas } from "@/api/client";
import { ProblemError } from "@/api/problem";
import { useSession } from "@/app/session";
import { Skeleton } from "@/ui/states";
import { evidence as words } from "@/words/en/evidence";

export const evidenceOf = (org: string, id: string, draft: number) =>
  queryOptions({
    queryKey: [org, "messages", "evidence", id, draft],
    queryFn: () => must(api.GET("/v1/messages/{id}/evidence", { params: { path: { id } } })),
    retry: (n, err) => n < 2 && !(err instanceof ProblemError && err.status === 404),
  });

/** What carries each sentence of a message, with a way to the fact; and what was left out. */
export function Said({ message: m }: { message: Schemas["Message"] }) {
  const { org } = useSession();
  const e = useQuery(evidenceOf(org, m.id, m.draft)).data;
  if (!e) return <Skeleton className="mt-1 w-64 max-w-full" />;
  return (
    <ol className="mt-1 flex flex-col gap-1.5 text-table">
      {e.verdicts.map((v, i) => (
        <li key={i} className={v.supported ? "border-l-2 border-good pl-3" : "border-l-2 border-bad pl-3"}>
          <span className="break-words">{v.text}</span>
          <span className="block text-meta text-text-3">
            {v.claim_version ? words.claim(v.claim_version) : v.fact && !v.fact.startsWith("field:") ? <FactLink id={v.fact} /> : v.fact ? words.field : v.supported ? words.approved : v.reasons.map(words.because).join("; ")}
          </span>
        </li>
      ))}
      {[...(e.replaced ?? []), ...(e.dropped ?? [])].map((v, i) => (
        <li key={"left" + i} className="border-l-2 border-control pl-3 text-text-3">
          <span className="break-words line-through">{v.text}</span>
          <span className="block text-meta">{i < (e.replaced?.length ?? 0) ? words.replaced : words.leftOut(v.reasons.map(words.because).join("; "))}</span>
        </li>
      ))}
    </ol>
  );
}

function FactLink({ id }: { id: string }) {
  return (
    <a href={`#fact-${id}`} className="text-accent-text hover:underline">
      {words.fact}
    </a>
  );
}
