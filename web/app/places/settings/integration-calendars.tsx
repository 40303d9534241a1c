import { useQuery } from "@tanstack/react-query";
import { ArrowLeft, X } from "lucide-react";
import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { settled } from "@/api/operation";
import { useCan } from "@/app/may";
import { useChangeSearch } from "@/app/place-link";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button, IconButton } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { CheckField, SelectField, TextField } from "@/ui/field";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { toast } from "@/ui/toast";
import { calendars as c } from "@/words/en/calendars";
import { calendarsOptions } from "./integration-queries";
import { Body, Row } from "./row";

type Chosen = Schemas["IntegrationCalendars"];
type Calendar = Schemas["IntegrationCalendar"];

/** Which calendars of an account count, and into which one meetings are written. */
export function IntegrationCalendars({ integration: x }: { integration: Schemas["Integration"] }) {
  const { org } = useSession();
  const change = useChangeSearch();
  const list = useQuery(calendarsOptions(org, x.id));
  return (
    <Body>
      <div>
        <button type="button" onClick={() => change({ filter: undefined, kind: undefined }, false)} className="flex min-h-7 items-center gap-1.5 text-table text-text-2">
          <ArrowLeft size={14} aria-hidden /> {c.back}
        </button>
        <h2 className="pt-2 text-section font-semibold break-words">{c.title(x.account)}</h2>
        <p className="max-w-[70ch] text-text-2">{c.about}</p>
      </div>
      {list.error ? <ProblemNote error={list.error} onRetry={() => void list.refetch()} /> : list.data ? <Editor key={x.id} id={x.id} is={list.data} /> : <SkeletonRows rows={6} />}
    </Body>
  );
}

/** What is chosen at first: the account's own calendar, for both. */
function draftOf(is: Chosen) {
  const own = is.data.find((x) => x.primary);
  if (!is.set) return { look: own ? [own.id] : [], write: own?.id ?? "", meet: true };
  return { look: is.data.filter((x) => x.looked).map((x) => x.id), write: is.data.find((x) => x.written)?.id ?? "", meet: is.meet };
}

function Editor({ id, is }: { id: string; is: Chosen }) {
  const { org } = useSession();
  const can = useCan("integrations:manage");
  const [draft, setDraft] = useState(() => draftOf(is));
  const [person, setPerson] = useState("");
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const set = (part: Partial<typeof draft>) => {
    setDraft({ ...draft, ...part });
    setWrong({});
  };
  const save = useWrite({
    run: async (_: void, headers) => settled(await must(api.PUT("/v1/integrations/{id}/calendars", { params: { path: { id }, header: headers }, body: { look: draft.look, write: draft.write || undefined, meet: draft.meet } }))),
    stale: () => [
      [org, "integrations"],
      [org, "meetings"],
    ],
    done: () => toast.say(c.saved),
    onProblem: (err) => {
      const problems = Object.fromEntries((err.problem.errors ?? []).map((e) => [e.field, e.reason]));
      setWrong(problems);
      return Object.keys(problems).length > 0;
    },
  });
  const typed: Calendar[] = draft.look.filter((l) => !is.data.some((x) => x.id === l)).map((l) => ({ id: l, name: l, primary: false, writable: false, looked: true, written: false, known: false }));
  const look = (x: string, on: boolean) => set({ look: on ? [...draft.look, x] : draft.look.filter((o) => o !== x) });
  return (
    <>
      <ul className="border-t">
        {[...is.data, ...typed].map((x) => (
          <CalendarRow key={x.id} calendar={x} can={can} on={draft.look.includes(x.id) || draft.write === x.id} fixed={draft.write === x.id} problem={wrong[`look.${draft.look.indexOf(x.id)}`]} onChange={(on) => look(x.id, on)} />
        ))}
      </ul>
      {wrong.look && <p className="-mt-6 text-bad">{wrong.look}</p>}
      <div>
        {can && (
          <Row label={c.addLabel} hint={c.addHint}>
            <form
              className="flex items-end gap-2"
              onSubmit={(e) => {
                e.preventDefault();
                const address = person.trim();
                if (address && !draft.look.includes(address)) look(address, true);
                setPerson("");
              }}
            >
              <TextField className="flex-1" label={c.addLabel} hideLabel type="email" maxLength={320} value={person} onChange={(e) => setPerson(e.target.value)} />
              <Button type="submit">{c.add}</Button>
            </form>
          </Row>
        )}
        <Row label={c.write} hint={c.writeHint}>
          <SelectField
            label={c.write}
            hideLabel
            disabled={!can}
            value={draft.write}
            error={wrong.write}
            options={[{ value: "", label: c.nowhere }, ...is.data.filter((x) => x.writable || x.written).map((x) => ({ value: x.id, label: x.name }))]}
            onChange={(e) => set({ write: e.target.value })}
          />
        </Row>
        {draft.write && (
          <Row label={c.meet} hint={c.meetHint}>
            <CheckField label={c.meetDo} checked={draft.meet} disabled={!can} onChange={(e) => set({ meet: e.target.checked })} />
          </Row>
        )}
      </div>
      {can && (
        <div className="flex flex-wrap items-center gap-2">
          <Button look="primary" busy={save.isPending} onClick={() => save.mutate()}>
            {is.set ? c.save : c.begin}
          </Button>
          <span className="text-meta text-text-3">{c.effect}</span>
        </div>
      )}
    </>
  );
}

function CalendarRow({ calendar: x, can, on, fixed, problem, onChange }: { calendar: Calendar; can: boolean; on: boolean; fixed: boolean; problem?: string; onChange: (on: boolean) => void }) {
  const listed = x.primary || x.writable || x.name !== x.id;
  return (
    <li className="flex flex-wrap items-center gap-x-6 gap-y-1 border-b py-2.5 text-table">
      <div className="min-w-0 flex-1 basis-64 wrap-anywhere">
        <CheckField label={x.name} hint={x.primary ? c.own : x.name === x.id ? c.person : x.id} aria-label={c.looks(x.name)} checked={on} disabled={!can || fixed} onChange={(e) => onChange(e.target.checked)} />
        {problem && <p className="text-bad">{problem}</p>}
      </div>
      {on && (x.looked || x.written) && <Chip tone={x.problem ? "warn" : x.known ? "good" : "plain"}>{x.problem ? (c.problems[x.problem] ?? c.problem) : x.known ? c.known : c.unknown}</Chip>}
      {can && on && !listed && (
        <IconButton label={c.remove(x.name)} look="quiet" size="small" onClick={() => onChange(false)}>
          <X size={14} aria-hidden />
        </IconButton>
      )}
    </li>
  );
}
