import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { settled } from "@/api/operation";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { CheckField, TextField } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { toast } from "@/ui/toast";
import { w } from "@/words";

type Role = Schemas["RoleDefinition"];
const s = w.settings.roles;

/** A role of the organisation's own: nobody puts in what they lack. */
export function RoleEditor({ role, members, rows, onClose }: { role?: Role; members: number; rows: { strong: string[]; others: string[] }; onClose: () => void }) {
  const { org, me } = useSession();
  const [name, setName] = useState(role?.name ?? "");
  const [about, setAbout] = useState(role?.description ?? "");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(role?.permissions ?? ["organization:read", "leads:read", "campaigns:read"]));
  const [error, setError] = useState("");
  const save = useWrite({
    run: async (_: void, headers) => {
      const body = { name, description: about, permissions: [...chosen] };
      if (role) return settled(await must(api.PATCH("/v1/roles/{id}", { params: { path: { id: role.id }, header: headers }, body })));
      return settled(await must(api.POST("/v1/roles", { params: { header: headers }, body: { ...body, description: about || undefined } })));
    },
    stale: () => [[org, "members"], [org, "me"]],
    done: () => {
      onClose();
      toast.say(s.saved(name));
    },
    onProblem: (err) => {
      setError(err.problem.errors?.[0] ? `${err.problem.errors[0].field}: ${err.problem.errors[0].reason}` : err.problem.detail || err.problem.title);
      return true;
    },
  });
  const toggle = (p: string) => {
    const next = new Set(chosen);
    if (!next.delete(p)) next.add(p);
    setChosen(next);
  };
  return (
    <Modal open wide onClose={onClose} title={role ? s.change(role.name) : s.add} about={role && members > 0 ? s.affects(members) : undefined}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(e) => {
          e.preventDefault();
          save.mutate();
        }}
      >
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField label={s.name} required maxLength={100} value={name} error={error} onChange={(e) => setName(e.target.value)} />
          <TextField label={s.description} maxLength={500} value={about} onChange={(e) => setAbout(e.target.value)} />
        </div>
        {(["strong", "others"] as const).map((g) => (
          <fieldset key={g}>
            <legend className="mb-2 text-table font-medium text-text-2">{s.groups[g]}</legend>
            <div className="grid gap-x-6 gap-y-2 sm:grid-cols-2">
              {rows[g].map((p) => (
                <CheckField key={p} label={s.allows[p] ?? p} hint={me.permissions.includes(p) ? p : s.youLack(p)} checked={chosen.has(p)} disabled={!me.permissions.includes(p)} onChange={() => toggle(p)} />
              ))}
            </div>
          </fieldset>
        ))}
        <div className="sticky bottom-[-16px] flex justify-end gap-2 border-t bg-surface-0 py-3">
          <Button onClick={onClose}>{w.settings.cancel}</Button>
          <Button look="primary" type="submit" busy={save.isPending} why={chosen.size === 0 ? s.chooseOne : undefined}>
            {role ? (members > 0 ? s.saveFor(members) : w.settings.save) : s.addDo(chosen.size)}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

export function RemoveRole({ role, onClose }: { role: Role; onClose: () => void }) {
  const { org } = useSession();
  const [error, setError] = useState("");
  const remove = useWrite({
    run: async (_: void, headers) => settled(await must(api.DELETE("/v1/roles/{id}", { params: { path: { id: role.id }, header: headers } }))),
    stale: () => [[org, "members"]],
    done: () => {
      onClose();
      toast.say(s.removed(role.name));
    },
    onProblem: (err) => {
      setError(err.code === "in_use" ? s.inUseBy(err.problem.members ?? 0, err.problem.invitations ?? 0) : err.problem.detail || err.problem.title);
      return true;
    },
  });
  return (
    <Modal
      open
      onClose={onClose}
      title={s.removeAsk(role.name)}
      footer={
        <>
          <Button onClick={onClose}>{w.settings.cancel}</Button>
          <Button look="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
            {s.remove(role.name)}
          </Button>
        </>
      }
    >
      <p className="text-text-2">{s.permissionsOf(role.permissions.length)}</p>
      {error && (
        <p role="alert" className="mt-2 text-bad">
          {error}
        </p>
      )}
    </Modal>
  );
}
