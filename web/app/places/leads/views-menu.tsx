import { useQuery } from "@tanstack/react-query";
import { Bookmark, Check, Trash2 } from "lucide-react";
import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button, IconButton } from "@/ui/button";
import { CheckField, TextField } from "@/ui/field";
import { Modal, Pop } from "@/ui/overlay";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { differs, searchOfView, viewQueryOf, type LeadsSearch } from "./filters";
import { leadViewsOptions } from "./queries";

type View = Schemas["View"];
type Change = (c: Record<string, string | boolean | undefined>) => void;

/** Filters, order and columns under a name: one's own, and those that others share. */
export function ViewsMenu({ search, columns, onChange }: { search: LeadsSearch; columns: string[]; onChange: Change }) {
  const { org, person } = useViewer();
  const [saving, setSaving] = useState(false);
  const views = useQuery({ ...leadViewsOptions(org), enabled: person }).data ?? [];
  const open = views.find((v) => v.id === search.view);
  const unsaved = !!open && differs(search, columns, open);
  const stale = () => [[org, "me"]];
  const update = useWrite({
    run: (v: View) => must(api.PUT("/v1/me/views/{id}", { params: { path: { id: v.id } }, body: { page: "leads", name: v.name, shared: v.shared, query: viewQueryOf(search), columns } })),
    stale,
    done: (v) => toast.say(w.leads.viewSaved(v.name)),
  });
  const create = useWrite({
    run: (v: { name: string; shared: boolean; query: Record<string, string>; columns: string[] }) => must(api.POST("/v1/me/views", { body: { page: "leads", ...v } })),
    stale,
    done: (v, made) => {
      setSaving(false);
      onChange({ view: made.id });
      toast.say(w.leads.viewSaved(v.name));
    },
  });
  const remove = useWrite({
    run: (v: View) => must(api.DELETE("/v1/me/views/{id}", { params: { path: { id: v.id } } })),
    stale,
    done: (v) => {
      if (v.id === search.view) onChange({ view: undefined });
      toast.say(w.leads.viewRemoved(v.name), () => create.mutate({ name: v.name, shared: v.shared, query: v.query, columns: v.columns ?? [] }));
    },
  });
  if (!person) return null;
  return (
    <>
      <Pop
        label={w.leads.views}
        trigger={
          <Button size="small" look="quiet" icon={<Bookmark size={14} aria-hidden />}>
            <span className="max-w-40 truncate max-sm:sr-only">{open?.name ?? w.leads.views}</span>
            {unsaved && (
              <span className="size-1.5 rounded-full bg-warn" title={w.leads.viewUnsaved}>
                <span className="sr-only">{w.leads.viewUnsaved}</span>
              </span>
            )}
          </Button>
        }
      >
        <div className="flex w-72 max-w-full flex-col gap-3">
          {views.length === 0 && <p className="text-text-2">{w.leads.viewNone}</p>}
          {([true, false] as const).map((shared) => {
            const some = views.filter((v) => v.shared === shared);
            return (
              some.length > 0 && (
                <section key={String(shared)} aria-label={w.leads.viewsOf[shared ? "shared" : "mine"]}>
                  <p className="text-meta text-text-3">{w.leads.viewsOf[shared ? "shared" : "mine"]}</p>
                  <ul>
                    {some.map((v) => (
                      <li key={v.id} className="flex items-center gap-1">
                        <button
                          type="button"
                          aria-current={v.id === search.view ? "true" : undefined}
                          onClick={() => onChange(searchOfView(search, v))}
                          className="flex min-h-8 min-w-0 flex-1 items-center gap-2 rounded-control px-2 text-left hover:bg-surface-2 aria-[current]:text-accent-text pointer-coarse:min-h-11"
                        >
                          <span className="min-w-0 flex-1 truncate">{v.name}</span>
                          {v.id === search.view && <Check size={14} aria-hidden />}
                        </button>
                        {v.mine && (
                          <IconButton size="small" label={w.leads.viewRemove(v.name)} onClick={() => remove.mutate(v)}>
                            <Trash2 size={13} aria-hidden />
                          </IconButton>
                        )}
                      </li>
                    ))}
                  </ul>
                </section>
              )
            );
          })}
          <div className="flex flex-col items-start gap-1 border-t pt-2">
            {open && unsaved && open.mine && (
              <Button size="small" look="quiet" busy={update.isPending} onClick={() => update.mutate(open)}>
                {w.leads.viewUpdate(open.name)}
              </Button>
            )}
            {open && (
              <Button size="small" look="quiet" onClick={() => onChange(searchOfView(search, { id: "", query: {}, columns: [] }))}>
                {w.leads.viewLeave}
              </Button>
            )}
            <Button size="small" look="quiet" onClick={() => setSaving(true)}>
              {w.leads.viewSave}
            </Button>
          </div>
        </div>
      </Pop>
      {saving && <SaveView busy={create.isPending} onClose={() => setSaving(false)} onSave={(name, shared) => create.mutate({ name, shared, query: viewQueryOf(search), columns })} />}
    </>
  );
}

function SaveView({ busy, onSave, onClose }: { busy: boolean; onSave: (name: string, shared: boolean) => void; onClose: () => void }) {
  const [name, setName] = useState("");
  const [shared, setShared] = useState(false);
  const submit = () => name.trim() && !busy && onSave(name.trim(), shared);
  return (
    <Modal
      open
      onClose={onClose}
      title={w.leads.viewTitle}
      about={w.leads.viewAbout}
      footer={
        <>
          <Button onClick={onClose}>{w.inbox.cancel}</Button>
          <Button look="primary" busy={busy} why={name.trim() ? undefined : w.leads.viewName} onClick={submit}>
            {w.leads.viewSaveDo}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <TextField label={w.leads.viewName} value={name} maxLength={100} autoFocus onChange={(e) => setName(e.target.value)} onKeyDown={(e) => e.key === "Enter" && submit()} />
        <CheckField label={w.leads.viewShared} checked={shared} onChange={(e) => setShared(e.target.checked)} />
      </div>
    </Modal>
  );
}

/** Only people have views, not keys. */
function useViewer() {
  const { org, me } = useSession();
  return { org, person: me.kind === "person" };
}
