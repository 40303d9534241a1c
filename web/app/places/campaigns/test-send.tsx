import { queryOptions, useQuery } from "@tanstack/react-query";
import { Send } from "lucide-react";
import { api, must, type Schemas } from "@/api/client";
import { useWrite } from "@/app/query";
import { useMay, useSession } from "@/app/session";
import { useAt } from "@/app/shell/time-machine";
import { Button } from "@/ui/button";
import { Time } from "@/ui/time";
import { toast } from "@/ui/toast";
import { testSends as m } from "@/words/en/test-sends";
import type { Campaign } from "./queries";

type TestSend = Schemas["TestSend"];
type Text = { subject: string; body: string; follow_up: boolean; lead_id?: string };

const lastOptions = (org: string, campaign: string) =>
  queryOptions({
    queryKey: [org, "campaigns", "test-sends", campaign],
    queryFn: async () => (await must(api.GET("/v1/campaigns/{id}/test-sends", { params: { path: { id: campaign }, query: { limit: 1 } } }))).data[0] ?? null,
  });

/** Sends what the preview shows to who looks at it, or to the mailbox, and says what became of the last one. */
export default function TestSendBar({ campaign, text, name }: { campaign: Campaign; text: Text; name: string }) {
  const { org } = useSession();
  const past = !!useAt();
  const may = useMay("messages:send") && !past;
  const last = useQuery(lastOptions(org, campaign.id));
  const send = useWrite({
    run: (to: { to_mailbox: boolean }, header) => must(api.POST("/v1/campaigns/{id}/test-sends", { params: { path: { id: campaign.id }, header }, body: { ...text, ...to } })),
    stale: () => [[org, "campaigns", "test-sends"]],
    done: () => toast.say(m.asked),
  });
  if (!may && !last.data) return null;
  const why = campaign.mailbox_ids.length === 0 ? m.noMailbox : undefined;
  return (
    <div className="flex flex-col gap-1">
      {may && (
        <div className="flex flex-wrap items-center gap-2">
          <Button size="small" icon={<Send size={14} aria-hidden />} why={why} busy={send.isPending} onClick={() => send.mutate({ to_mailbox: false })}>
            {m.toMe(name)}
          </Button>
          <Button size="small" look="quiet" why={why} onClick={() => send.mutate({ to_mailbox: true })}>
            {m.toMailbox}
          </Button>
        </div>
      )}
      <p className="text-meta text-text-3">{m.about}</p>
      {last.data && <Last test={last.data} />}
    </div>
  );
}

function Last({ test }: { test: TestSend }) {
  const bad = test.state === "refused" || test.state === "in_doubt";
  const said = [test.smtp?.code || "", test.smtp?.text ?? ""].filter(Boolean).join(" ");
  return (
    <p role="status" className={bad ? "text-meta text-bad" : "text-meta text-text-2"}>
      {m.last} {m.states[test.state] ?? test.state}, <Time at={test.finished_at ?? test.created_at} />
      {bad && said && `: ${said}`}
    </p>
  );
}
