import { useQuery } from "@tanstack/react-query";
import { Tag } from "lucide-react";
import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { ProblemError } from "@/api/problem";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { zone } from "@/app/zone";
import { useShortcuts } from "@/keys/registry";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { classify as words } from "@/words/en/classify";
import { formatDay } from "@/words/format";
import { PickMenu } from "./pick-menu";
import type { Item, Thread } from "./queries";
import { meanings } from "./scopes";

type Meaning = Schemas["ReplyMeaning"];
const choices: Meaning[] = meanings.filter((m) => m !== "maybe_unsubscribe");

const isBehind = (err: unknown) => err instanceof ProblemError && err.problem.code === "behind";

/** A person says what an answer means: chosen from a menu, with what follows from it shown before it is done. */
export function Classify({ item: i, thread, keys }: { item: Item; thread: Thread; keys: boolean }) {
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState<Meaning>();
  useShortcuts(keys ? [{ keys: "c", label: w.inbox.classifyKey, group: w.inbox.thread, run: () => setOpen(true), palette: true }] : []);
  return (
    <div className="-ml-2">
      <PickMenu
        open={open}
        onOpen={setOpen}
        trigger={
          <Button size="small" look="quiet" icon={<Tag size={14} aria-hidden />} title={keys ? "c" : undefined}>
            {w.inbox.classify}
          </Button>
        }
        entries={choices.map((m) => ({ label: w.inbox.meaning[m]!, hint: m === i.meaning ? w.inbox.classifyNow : undefined, onSelect: () => setChosen(m) }))}
      />
      {chosen && <Confirm item={i} thread={thread} meaning={chosen} onClose={() => setChosen(undefined)} />}
    </div>
  );
}

function Confirm({ item: i, meaning, onClose }: { item: Item; thread: Thread; meaning: Meaning; onClose: () => void }) {
  const { org } = useSession();
  const [day, setDay] = useState(meaning === "not_now" ? (i.ask_again ?? "") : "");
  const [email, setEmail] = useState(i.referral?.email ?? "");
  const [name, setName] = useState(i.referral?.name ?? "");
  const dated = meaning === "not_now" || meaning === "out_of_office";
  const refers = meaning === "referral" || meaning === "wrong_person" || meaning === "left_company";
  const named = refers && /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email.trim()) && !(i.referral?.email === email.trim()) ? { email: email.trim(), name: name.trim() || undefined } : undefined;
  const body = { dry_run: false, meaning, ask_again: dated && day ? day : undefined, referral: named };
  const preview = useQuery({
    queryKey: [org, "inbox", "classification", i.id, body],
    queryFn: () => must(api.POST("/v1/inbox/items/{id}/classification", { params: { path: { id: i.id }, header: { "Idempotency-Key": crypto.randomUUID() } }, body: { ...body, dry_run: true } })),
    staleTime: 10_000,
    // The answer is there before the history that follows are folded from: it catches up within seconds.
    retry: (n, err) => n < 40 && err instanceof ProblemError && (isBehind(err) || (n < 3 && (err.status === 0 || err.status === 429))),
    retryDelay: (n, err) => (err instanceof ProblemError && err.retryAfter ? err.retryAfter : Math.min(n + 1, 3)) * 1000,
  });
  const behind = preview.isPending && isBehind(preview.failureReason);
  const say = w.inbox.meaning[meaning]!;
  const save = useWrite({
    run: (_: void, header) => must(api.POST("/v1/inbox/items/{id}/classification", { params: { path: { id: i.id }, header }, body })),
    stale: () => [
      [org, "inbox"],
      [org, "leads"],
      [org, "enrollments"],
    ],
    done: () => {
      toast.say(w.inbox.classified(say));
      onClose();
    },
  });
  const follows = preview.data && "consequences" in preview.data ? preview.data.consequences : [];
  return (
    <Modal
      open
      onClose={onClose}
      title={w.inbox.classifyTitle(say)}
      footer={
        <>
          <Button onClick={onClose}>{w.inbox.cancel}</Button>
          <Button look="primary" busy={save.isPending} onClick={() => save.mutate()}>
            {w.inbox.classifyAs(say)}
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(e) => {
          e.preventDefault();
          save.mutate();
        }}
      >
        {dated && <TextField type="date" label={meaning === "not_now" ? w.inbox.askAgainDay : w.inbox.backOn} hint={meaning === "not_now" ? w.inbox.askAgainHint : w.inbox.backHint} value={day} onChange={(e) => setDay(e.target.value)} className="max-w-64" />}
        {refers && (
          <div className="grid gap-3 sm:grid-cols-2">
            <TextField type="email" label={w.inbox.referralEmail} hint={w.inbox.referralHint} value={email} onChange={(e) => setEmail(e.target.value)} />
            <TextField label={w.inbox.referralName} value={name} onChange={(e) => setName(e.target.value)} />
          </div>
        )}
        <section aria-label={w.inbox.follows} aria-live="polite">
          {preview.error ? (
            <ProblemNote error={preview.error} onRetry={() => void preview.refetch()} />
          ) : preview.isPending ? (
            <>
              <SkeletonRows rows={2} />
              {behind && <p className="text-table text-text-3">{words.behind}</p>}
            </>
          ) : follows.length === 0 ? (
            <p className="text-text-2">{w.inbox.followsNothing}</p>
          ) : (
            <ul className="flex list-disc flex-col gap-1 pl-5">
              {follows.map((f, n) => (
                <li key={n}>{w.inbox.consequence[f.kind]?.(f.until ? formatDay(f.until, zone()) : "", f.count ?? 1) ?? f.kind}</li>
              ))}
            </ul>
          )}
        </section>
      </form>
    </Modal>
  );
}
