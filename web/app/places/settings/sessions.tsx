import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { api, must } from "@/api/client";
import { queries, useWrite } from "@/app/query";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { agentInWords } from "./agent";
import { sessionsOptions } from "./queries";

const s = w.settings.security;

export function Sessions() {
  const list = useQuery(sessionsOptions());
  const go = useNavigate();
  const end = useWrite({
    run: (id: string) => must(api.DELETE("/v1/auth/sessions/{id}", { params: { path: { id } } })),
    stale: () => [["", "sessions"]],
    done: () => toast.say(s.ended),
  });
  const endAll = useWrite({
    run: () => must(api.POST("/v1/auth/sign-out-everywhere")),
    done: () => {
      queries.clear();
      void go({ to: "/signin", search: {} });
    },
  });
  if (list.error) return <ProblemNote error={list.error} onRetry={() => void list.refetch()} />;
  if (!list.data) return <SkeletonRows rows={3} />;
  return (
    <>
      <ul>
        {list.data.map((x) => (
          <li key={x.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b py-2 text-table">
            <span className="min-w-0 flex-1 basis-56">
              <span className="font-medium" title={x.user_agent}>
                {agentInWords(x.user_agent)}
              </span>{" "}
              {x.current && <Chip tone="good">{s.thisOne}</Chip>}
              <span className="block text-meta text-text-3">
                {x.address}
                {x.place && ` (${x.place})`} · {s.since} <Time past at={x.created_at} />
              </span>
            </span>
            <span className="text-text-3">
              {s.used} <Time past at={x.used_at} />
            </span>
            <span className="w-16 text-right">
              {!x.current && (
                <Button size="small" look="quiet" busy={end.isPending && end.variables === x.id} onClick={() => end.mutate(x.id)}>
                  {s.end}
                </Button>
              )}
            </span>
          </li>
        ))}
      </ul>
      <div className="pt-4">
        <Button look="danger" busy={endAll.isPending} onClick={() => endAll.mutate(undefined)}>
          {s.endAll(list.data.length)}
        </Button>
      </div>
    </>
  );
}
