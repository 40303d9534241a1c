import { useQuery } from "@tanstack/react-query";
import { Bookmark, Save, Trash2 } from "lucide-react";
import { useState } from "react";
import { api, must } from "@/api/client";
import { Button, IconButton } from "@/ui/button";
import { Confirm } from "@/app/confirm";
import { CheckField, TextField } from "@/ui/field";
import { Pop } from "@/ui/overlay";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { useChangeSearch } from "./place-link";
import { useWrite } from "./query";
import { useSession } from "./session";
import { keptOf, sameView, viewsOptions, type Looked, type View } from "./views";

const s = w.views;

/** The views of a list, own ones and those that others share; `looked` is what the URL says of it now. */
export function SavedViews({ page, looked }: { page: string; looked: Looked }) {
  const { org } = useSession();
  const change = useChangeSearch();
  const views = useQuery(viewsOptions(org, page));
  const [naming, setNaming] = useState(false);
  const now = keptOf(looked);
  const current = views.data?.find((v) => sameView(v.query, now));
  const unsaved = !current && Object.keys(now).length > 0;
  const open = (v: View) => change({ ...Object.fromEntries(Object.keys(looked).map((k) => [k, undefined])), ...v.query });
  const keep = (v: View) => must(api.POST("/v1/me/views", { body: { page: v.page, name: v.name, shared: v.shared, query: v.query, columns: v.columns } }));
  const restore = useWrite({ run: keep, stale: () => [[org, "views"]] });
  const remove = useWrite({
    run: (v: View) => must(api.DELETE("/v1/me/views/{id}", { params: { path: { id: v.id } } })),
    stale: () => [[org, "views"]],
    done: (v) => toast.say(s.removed(v.name), () => restore.mutate(v)),
  });
  const replace = useWrite({
    run: ({ view: v, query }: { view: View; query: Record<string, string> }) => must(api.PUT("/v1/me/views/{id}", { params: { path: { id: v.id } }, body: { page: v.page, name: v.name, shared: v.shared, query, columns: v.columns } })),
    stale: () => [[org, "views"]],
    done: ({ view: v }) => toast.say(s.saved(v.name), () => replace.mutate({ view: v, query: v.query })),
  });
  const list = views.data ?? [];
  return (
    <>
      <Pop
        label={s.title}
        trigger={
          <Button size="small" icon={<Bookmark size={14} aria-hidden />} title={unsaved ? s.unsaved : undefined}>
            <span className="max-w-40 truncate">{current?.name ?? s.title}</span>
            {unsaved && (
              <>
                <span aria-hidden className="size-1.5 rounded-full bg-accent" />
                <span className="sr-only">{s.unsaved}</span>
              </>
            )}
          </Button>
        }
      >
        <div className="flex w-72 max-w-full flex-col gap-3">
          {list.length === 0 && <p className="text-table text-text-2">{s.none}</p>}
          <ul className="flex max-h-72 flex-col overflow-auto">
            {list.map((v) => (
              <li key={v.id} className="flex items-center gap-1">
                <button type="button" aria-current={v.id === current?.id || undefined} onClick={() => open(v)} className="flex min-h-8 min-w-0 flex-1 items-center gap-2 rounded-control px-2 text-left hover:bg-surface-2 aria-[current]:font-medium">
                  <span className="min-w-0 flex-1 truncate">{v.name}</span>
                  {v.shared && <span className="text-meta text-text-3">{s.shared}</span>}
                </button>
                {v.mine && unsaved && (
                  <IconButton label={s.replace(v.name)} size="small" onClick={() => replace.mutate({ view: v, query: now })}>
                    <Save size={14} aria-hidden />
                  </IconButton>
                )}
                {v.mine && (
                  <IconButton label={s.remove(v.name)} size="small" onClick={() => remove.mutate(v)}>
                    <Trash2 size={14} aria-hidden />
                  </IconButton>
                )}
              </li>
            ))}
          </ul>
          <Button why={unsaved ? undefined : current ? s.savedAs(current.name) : s.nothing} onClick={() => setNaming(true)}>
            {s.save}
          </Button>
        </div>
      </Pop>
      {naming && <SaveView page={page} query={now} onClose={() => setNaming(false)} />}
    </>
  );
}

function SaveView({ page, query, onClose }: { page: string; query: Record<string, string>; onClose: () => void }) {
  const { org } = useSession();
  const [name, setName] = useState("");
  const [shared, setShared] = useState(false);
  const [tried, setTried] = useState(false);
  const save = useWrite({
    run: () => must(api.POST("/v1/me/views", { body: { page, name: name.trim(), shared, query } })),
    stale: () => [[org, "views"]],
    done: () => {
      toast.say(s.saved(name.trim()));
      onClose();
    },
  });
  const submit = () => {
    setTried(true);
    if (name.trim()) save.mutate(undefined);
  };
  return (
    <Confirm title={s.saveTitle} about={s.saveAbout} action={s.saveButton} busy={save.isPending} onDo={submit} onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(e) => {
          e.preventDefault();
          submit();
        }}
      >
        <TextField label={s.name} autoFocus maxLength={100} value={name} error={tried && !name.trim() ? s.nameMissing : undefined} onChange={(e) => setName(e.target.value)} />
        <CheckField label={s.share} hint={s.shareHint} checked={shared} onChange={(e) => setShared(e.target.checked)} />
      </form>
    </Confirm>
  );
}
