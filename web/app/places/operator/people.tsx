import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { must, type Schemas } from "@/api/client";
import { Confirm } from "@/app/confirm";
import { useWrite } from "@/app/query";
import { Button } from "@/ui/button";
import { CopyText } from "@/ui/copy";
import { TextField } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { toast } from "@/ui/toast";
import { operatorPeople as s } from "@/words/en/operator-people";
import { w } from "@/words";
import { platform } from "./client";
import type { OperatorSearch } from "./routes";

type Person = Schemas["AdminPerson"];
type Membership = Schemas["Membership"];

const nameOf = (p: Person) => [p.first_name, p.last_name].filter(Boolean).join(" ") || p.email;

/** Who can sign in, what they are a member of; their sessions can be ended, and what they see can be read. */
export default function People() {
  const { q = "" } = useSearch({ strict: false }) as OperatorSearch;
  const go = useNavigate();
  const [text, setText] = useState(q);
  useEffect(() => {
    if (text.trim() === q) return;
    const t = setTimeout(() => void go({ to: ".", search: (x: Record<string, unknown>) => ({ ...x, q: text.trim() || undefined }), replace: true } as never), 250);
    return () => clearTimeout(t);
  }, [text]);
  const list = useInfiniteQuery({
    queryKey: ["operator", "people", q],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => must(platform.GET("/v1/admin/people", { params: { query: { q: q || undefined, limit: 50, cursor: pageParam } } })),
    getNextPageParam: (p) => p.next_cursor ?? undefined,
  });
  const [ending, setEnding] = useState<Person>();
  const [reading, setReading] = useState<{ person: Person; of: Membership }>();
  const people = list.data?.pages.flatMap((p) => p.data) ?? [];
  return (
    <div className="max-w-4xl px-4 py-3 pb-12 sm:px-6">
      <TextField label={s.find} hint={s.hint} type="search" className="max-w-sm pb-3" value={text} onChange={(e) => setText(e.target.value)} />
      {list.error && <ProblemNote error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <SkeletonRows />}
      {list.data && people.length === 0 && <p className="py-3 text-text-2">{q ? s.none : s.empty}</p>}
      <ul>
        {people.map((p) => (
          <li key={p.id} className="grid gap-x-6 gap-y-2 border-b py-3 sm:grid-cols-[minmax(0,1fr)_minmax(0,1.4fr)]">
            <div className="min-w-0">
              <p className="font-medium break-words">{nameOf(p)}</p>
              <p className="text-table break-words text-text-2">{p.email}</p>
              <p className="text-table text-text-3">
                {s.lastSignIn}: {p.last_sign_in_at ? <Time at={p.last_sign_in_at} past /> : s.never}
              </p>
              {p.sessions > 0 && (
                <Button size="small" className="mt-2" onClick={() => setEnding(p)}>
                  {s.endShort(p.sessions)}
                </Button>
              )}
            </div>
            <ul aria-label={s.memberOf} className="min-w-0">
              {p.memberships.length === 0 && <li className="text-table text-text-3">{s.noMember}</li>}
              {p.memberships.map((m) => (
                <li key={m.organization_id} className="flex flex-wrap items-center gap-x-3 gap-y-1 py-0.5">
                  <span className="min-w-0 flex-1 break-words">
                    {m.organization_name} <span className="text-text-3">{w.settings.roleName(m.role)}</span>
                  </span>
                  <Button size="small" look="quiet" aria-label={s.readAs(nameOf(p), m.organization_name)} onClick={() => setReading({ person: p, of: m })}>
                    {s.read}
                  </Button>
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      {list.hasNextPage && (
        <Button className="mt-3" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {s.more}
        </Button>
      )}
      {ending && <EndSessions person={ending} onClose={() => setEnding(undefined)} />}
      {reading && <ReadAs {...reading} onClose={() => setReading(undefined)} />}
    </div>
  );
}

function EndSessions({ person, onClose }: { person: Person; onClose: () => void }) {
  const end = useWrite({
    run: () => must(platform.DELETE("/v1/admin/people/{id}/sessions", { params: { path: { id: person.id } } })),
    stale: () => [["operator", "people"]],
    done: () => {
      toast.say(s.ended(nameOf(person)));
      onClose();
    },
  });
  const title = s.endSessions(person.sessions, nameOf(person));
  return <Confirm danger title={title} about={s.endAbout} action={title} busy={end.isPending} onDo={() => end.mutate(undefined)} onClose={onClose} />;
}

function ReadAs({ person, of, onClose }: { person: Person; of: Membership; onClose: () => void }) {
  const [reason, setReason] = useState("");
  const [minutes, setMinutes] = useState(15);
  const issue = useWrite({
    run: (_: void, header) => must(platform.POST("/v1/admin/impersonations", { params: { header }, body: { organization_id: of.organization_id, person_id: person.id, reason: reason.trim(), minutes } })),
  });
  const made = issue.data && "access_token" in issue.data ? issue.data : undefined;
  const title = s.readAs(nameOf(person), of.organization_name);
  if (made)
    return (
      <Modal open onClose={onClose} title={title} about={s.tokenAbout} footer={<Button onClick={onClose}>{s.done}</Button>}>
        <CopyText label={s.token} text={made.access_token} />
        <p className="pt-2 text-table text-text-2">
          {s.until} <Time at={made.expires_at} absolute />
        </p>
      </Modal>
    );
  return (
    <Confirm title={title} about={s.readAbout} action={s.issue(minutes)} busy={issue.isPending} why={reason.trim().length < 10 ? s.reasonHint : undefined} onDo={() => issue.mutate()} onClose={onClose}>
      <div className="flex flex-col gap-3">
        <TextField label={s.reason} hint={s.reasonHint} maxLength={500} value={reason} onChange={(e) => setReason(e.target.value)} />
        <TextField label={s.minutes} type="number" min={1} max={60} className="w-28" value={minutes} onChange={(e) => setMinutes(Math.max(1, Math.min(60, Number(e.target.value) || 15)))} />
      </div>
    </Confirm>
  );
}
