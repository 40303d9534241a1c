import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, must } from "@/api/client";
import { settled } from "@/api/operation";
import { useCan } from "@/app/may";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { CheckField } from "@/ui/field";
import { toast } from "@/ui/toast";
import { answers as words } from "@/words/en/answers";
import { Row } from "./row";

const automationOptions = (org: string) => queryOptions({ queryKey: [org, "claims", "automation"], queryFn: () => must(api.GET("/v1/answer-automation", {})) });

/** Which mails are answered without a person. */
export function AnswerAutomation() {
  const { org } = useSession();
  const can = useCan("organization:manage");
  const set = useQuery(automationOptions(org));
  const change = useWrite({
    run: async (on: boolean, header) => settled(await must(api.PUT("/v1/answer-automation", { params: { header }, body: { meanings: on ? ["meeting_request"] : [] } }))),
    stale: () => [[org, "claims"]],
    done: (on) => toast.say(on ? words.on : words.off),
  });
  if (!set.data) return null;
  const on = set.data.meanings.includes("meeting_request");
  return (
    <Row label={words.automation} hint={words.automationAbout(set.data.max_a_thread)}>
      <CheckField label={words.meeting} checked={change.isPending ? change.variables : on} disabled={!can || change.isPending} onChange={(e) => change.mutate(e.target.checked)} />
    </Row>
  );
}
