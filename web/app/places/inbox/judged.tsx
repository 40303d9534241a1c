import { api, must } from "@/api/client";
import { ProblemError } from "@/api/problem";
import { PlaceLink } from "@/app/place-link";
import { useWrite } from "@/app/query";
import { useMay, useSession } from "@/app/session";
import { zone } from "@/app/zone";
import { Button } from "@/ui/button";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { formatDay } from "@/words/format";
import type { Item, Thread } from "./queries";

/** Why it is taken for what it is: the words, and who read them so. */
export function Judged({ item: i }: { item: Item }) {
  const by = i.corrected ? w.inbox.judgedPerson : i.judged_by === "model" ? w.inbox.judgedModel(i.confidence_percent) : i.judged_by ? w.inbox.judged(w.inbox.judgedBy[i.judged_by]!, i.confidence_percent) : "";
  if (!i.corrected && !i.evidence) return null;
  return (
    <p className="break-words text-text-3">
      {i.evidence && !i.corrected && <q className="text-text-2">{i.evidence}</q>} {by} {i.ask_again && w.inbox.askAgain(formatDay(i.ask_again, zone()))}
    </p>
  );
}

/** Somebody whom the answer names: one click makes a lead of them. */
export function Referral({ item: i, thread: t, may }: { item: Item; thread: Thread; may: boolean }) {
  const { org } = useSession();
  const mayAdd = useMay("leads:write") && may;
  const named = i.referral!;
  const who = named.name ? `${named.name} (${named.email})` : named.email;
  const settle = useWrite({
    run: async (accept: boolean, header) => {
      let lead: string | undefined;
      if (accept) {
        const [first, ...rest] = (named.name ?? "").split(" ");
        try {
          const body = { email: named.email, first_name: first || undefined, last_name: rest.join(" ") || undefined, company_name: t.company_name, source: "manual" as const, lawful_basis: w.inbox.referralBasis(t.lead_name ?? t.lead_email ?? "").slice(0, 200) };
          lead = (await must(api.POST("/v1/leads", { params: { header }, body }))).id;
        } catch (err) {
          const there = err instanceof ProblemError && err.status === 409 ? (await must(api.GET("/v1/leads", { params: { query: { q: named.email, limit: 1 } } }))).data[0] : undefined;
          if (!there) throw err;
          lead = there.id;
        }
      }
      await must(api.POST("/v1/inbox/items/{id}/referral", { params: { path: { id: i.id }, header: { "Idempotency-Key": crypto.randomUUID() } }, body: { lead_id: lead } }));
      return lead;
    },
    stale: () => [
      [org, "inbox"],
      [org, "leads"],
    ],
    done: (accept) => toast.say(accept ? w.inbox.referralAdded(named.name ?? named.email) : w.inbox.referralDismissed),
  });
  return (
    <p className="flex flex-wrap items-center gap-2">
      <span className="min-w-0 break-words">{w.inbox.referred(who)}</span>
      {named.state === "accepted" && named.lead_id ? (
        <PlaceLink to={`/leads/${named.lead_id}`} className="text-accent hover:underline">
          {w.inbox.referralAccepted}
        </PlaceLink>
      ) : named.state === "dismissed" ? (
        <span className="text-text-3">{w.inbox.referralDismissed}</span>
      ) : (
        mayAdd && (
          <>
            <Button size="small" busy={settle.isPending} onClick={() => settle.mutate(true)}>
              {w.inbox.referralAccept}
            </Button>
            <Button size="small" look="quiet" onClick={() => settle.mutate(false)}>
              {w.inbox.referralDismiss}
            </Button>
          </>
        )
      )}
    </p>
  );
}
