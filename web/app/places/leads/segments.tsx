import { queryOptions, useQuery } from "@tanstack/react-query";
import { Ellipsis, Layers } from "lucide-react";
import { useMemo, useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { Confirm } from "@/app/confirm";
import { useCan } from "@/app/may";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button, IconButton } from "@/ui/button";
import { TextField } from "@/ui/field";
import { Menu, Pop } from "@/ui/overlay";
import { toast } from "@/ui/toast";
import { segments as s } from "@/words/en/segments";
import { selectionOf, type Filters } from "./filters";

type Segment = Schemas["Segment"];
type Naming = { what: "save" } | { what: "rename"; of: Segment };

export const segmentsOptions = (org: string) => queryOptions({ queryKey: [org, "leads", "segments"], queryFn: async () => (await must(api.GET("/v1/segments"))).data });

/** Filters with a name, which campaigns and bulk operations take too: chosen, saved from the filters that are on, changed, removed. */
export function SegmentsMenu({ filters, onChoose }: { filters: Filters; onChoose: (id: string) => void }) {
  const { org } = useSession();
  const can = useCan("leads:write");
  const list = useQuery(segmentsOptions(org));
  const [naming, setNaming] = useState<Naming>();
  const stale = () => [[org, "leads"], [org, "lead-rows"]];
  const { segment_id: inSegment, ...others } = filters as Filters & { segment_id?: string };
  const why = Object.keys(others).length === 0 ? s.nothing : others.q ? s.search : others.email ? s.address : undefined;
  const again = useWrite({ run: (was: Segment, header) => must(api.POST("/v1/segments", { params: { header }, body: { name: was.name, filter: was.filter } })), stale });
  const remove = useWrite({
    run: (x: Segment, header) => must(api.DELETE("/v1/segments/{id}", { params: { path: { id: x.id }, header } })),
    stale,
    done: (x) => toast.say(s.removed(x.name), () => again.mutate(x)),
  });
  const put = useWrite({
    run: (a: { of: Segment; filter: Segment["filter"] }, header) => must(api.PUT("/v1/segments/{id}", { params: { path: { id: a.of.id }, header: { ...header, "If-Match": `"${a.of.version}"` } }, body: { name: a.of.name, filter: a.filter } })),
    stale,
    done: (a) => toast.say(s.replaced(a.of.name)),
  });
  const chosen = list.data?.find((x) => x.id === inSegment);
  return (
    <>
      <Pop
        label={s.title}
        trigger={
          <Button size="small" icon={<Layers size={14} aria-hidden />}>
            <span className="max-w-40 truncate">{chosen?.name ?? s.title}</span>
          </Button>
        }
      >
        <div className="flex w-80 max-w-full flex-col gap-3">
          {list.data?.length === 0 && <p className="text-table text-text-2">{s.none}</p>}
          <ul className="flex max-h-72 flex-col overflow-auto">
            {list.data?.map((x) => (
              <li key={x.id} className="flex items-center gap-1">
                <button type="button" aria-current={x.id === inSegment || undefined} onClick={() => onChoose(x.id)} className="flex min-h-8 min-w-0 flex-1 items-center gap-2 rounded-control px-2 text-left hover:bg-surface-2 aria-[current]:font-medium">
                  <span className="min-w-0 flex-1 truncate">{x.name}</span>
                  <Count id={x.id} />
                </button>
                {can && (
                  <Menu
                    trigger={
                      <IconButton size="small" label={s.actions(x.name)}>
                        <Ellipsis size={14} aria-hidden />
                      </IconButton>
                    }
                    entries={[
                      { label: s.rename, onSelect: () => setNaming({ what: "rename", of: x }) },
                      { label: s.replace, why, onSelect: () => put.mutate({ of: x, filter: filterOf(others) }) },
                      "line",
                      { label: s.remove, onSelect: () => remove.mutate(x) },
                    ]}
                  />
                )}
              </li>
            ))}
          </ul>
          {can && (
            <Button why={why} onClick={() => setNaming({ what: "save" })}>
              {s.save}
            </Button>
          )}
        </div>
      </Pop>
      {naming && <Name naming={naming} filters={others} stale={stale} onClose={() => setNaming(undefined)} onSaved={onChoose} />}
    </>
  );
}

/** The filters that are on, as a segment keeps them. */
export const filterOf = (f: Filters) => selectionOf(f) as Segment["filter"];

function Count({ id }: { id: string }) {
  const { org } = useSession();
  const one = useQuery({ queryKey: [org, "leads", "segments", id], queryFn: () => must(api.GET("/v1/segments/{id}", { params: { path: { id } } })) });
  return <span className="text-meta whitespace-nowrap text-text-3">{one.data?.leads !== undefined && s.people(one.data.leads)}</span>;
}

function Name({ naming, filters, stale, onClose, onSaved }: { naming: Naming; filters: Filters; stale: () => string[][]; onClose: () => void; onSaved: (id: string) => void }) {
  const of = naming.what === "rename" ? naming.of : undefined;
  const [name, setName] = useState(of?.name ?? "");
  const [wrong, setWrong] = useState("");
  const save = useWrite({
    run: (_: void, header) =>
      of
        ? must(api.PUT("/v1/segments/{id}", { params: { path: { id: of.id }, header: { ...header, "If-Match": `"${of.version}"` } }, body: { name: name.trim(), filter: of.filter } }))
        : must(api.POST("/v1/segments", { params: { header }, body: { name: name.trim(), filter: filterOf(filters) } })),
    stale,
    done: (_, made) => {
      toast.say(s.saved(name.trim()));
      onClose();
      if (!of && "name" in made) onSaved(made.id);
    },
    onProblem: (err) => {
      if (err.problem.code === "already_exists") return setWrong(s.taken), true;
    },
  });
  const submit = () => (name.trim() ? save.mutate() : setWrong(s.nameMissing));
  return (
    <Confirm title={of ? s.rename : s.saveTitle} about={of ? undefined : s.saveAbout} action={s.saveButton} busy={save.isPending} onDo={submit} onClose={onClose}>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          submit();
        }}
      >
        <TextField label={s.name} autoFocus maxLength={100} value={name} error={wrong || undefined} onChange={(e) => (setName(e.target.value), setWrong(""))} />
      </form>
    </Confirm>
  );
}

/** What segments are called, by id. */
export function useSegmentNames(): Map<string, string> {
  const { org } = useSession();
  const list = useQuery(segmentsOptions(org)).data;
  return useMemo(() => new Map(list?.map((x) => [x.id, x.name])), [list]);
}
