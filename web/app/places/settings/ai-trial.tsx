import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { ai as s, dollars } from "@/words/en/settings-ai";

type Trial = Schemas["AITrial"];

/** Asks the model of a task a few words, and says what came of it. It costs what a call costs. */
export function TryModel({ task }: { task: Schemas["AITask"] }) {
  const { org } = useSession();
  const [came, setCame] = useState<Trial>();
  const ask = useWrite({
    run: (_: void, header) => must(api.POST("/v1/ai/trial", { params: { header }, body: { task } })),
    stale: () => [[org, "ai"]],
    done: (_, r) => {
      if ("ok" in r) setCame(r);
    },
  });
  return (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <Button size="small" look="quiet" className="-ml-2" busy={ask.isPending} onClick={() => ask.mutate()}>
        {s.tryIt(s.tasks[task] ?? task)}
      </Button>
      {came && (
        <span role="status" className={came.ok ? "text-meta text-good" : "text-meta break-words text-bad"}>
          {came.ok ? s.tried(came.model ?? "", s.took(came.milliseconds), dollars(came.cost_micros)) : s.triedNot(s.trialReasons[came.reason ?? ""] ?? came.reason ?? "", came.detail)}
        </span>
      )}
    </span>
  );
}
