import { useQuery } from "@tanstack/react-query";
import { Check } from "lucide-react";
import { useState } from "react";
import type { Schemas } from "@/api/client";
import { useCan } from "@/app/may";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { Menu } from "@/ui/overlay";
import { ScrollRegion } from "@/ui/scroll-region";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { w } from "@/words";
import { mayGive, permissionRows } from "./people-rules";
import { membersOptions, rolesOptions } from "./queries";
import { RemoveRole, RoleEditor } from "./role-editor";
import { Body } from "./row";

type Role = Schemas["RoleDefinition"];
const s = w.settings.roles;

/** One table, permissions by roles, as the server has it; what lets something out of the house stands apart. */
export default function RolesSection() {
  const { org, me } = useSession();
  const can = useCan("roles:manage");
  const roles = useQuery(rolesOptions(org));
  const members = useQuery(membersOptions(org));
  const [editing, setEditing] = useState<Role | "new">();
  const [removing, setRemoving] = useState<Role>();
  if (roles.error) return <ProblemNote error={roles.error} onRetry={() => void roles.refetch()} />;
  if (!roles.data) return <SkeletonRows rows={12} />;
  const rows = permissionRows(roles.data, me.permissions);
  const count = (id: string) => members.data?.filter((m) => m.role === id).length;
  return (
    <Body>
      {can && (
        <div className="-mb-4 flex">
          <Button look="primary" onClick={() => setEditing("new")}>
            {s.add}
          </Button>
        </div>
      )}
      <ScrollRegion label={s.title}>
        <table className="text-table">
          <thead>
            <tr className="border-b align-bottom">
              <th scope="col" className="sticky left-0 min-w-[32rem] bg-surface-0 py-2 pr-4 text-left font-medium text-text-3 max-sm:min-w-44">
                {s.permission}
              </th>
              {roles.data.map((r) => (
                <th key={r.id} scope="col" className="min-w-24 px-2 py-2 text-center font-medium" title={r.description}>
                  <span className="block max-w-36 truncate">{w.settings.roleName(r.name)}</span>
                  <span className="block text-meta font-normal text-text-3">{count(r.id) !== undefined ? s.people(count(r.id)!) : ""}</span>
                  {can && !r.built_in && (
                    <Menu
                      trigger={
                        <Button look="quiet" size="small" aria-label={s.change(r.name)}>
                          {s.edit}
                        </Button>
                      }
                      entries={[
                        { label: s.change(r.name), why: mayGive(r, me.permissions) ? undefined : s.moreThanYou, onSelect: () => setEditing(r) },
                        { label: s.remove(r.name), why: count(r.id) ? s.inUse(count(r.id)!) : undefined, onSelect: () => setRemoving(r) },
                      ]}
                    />
                  )}
                </th>
              ))}
            </tr>
          </thead>
          {(["strong", "others"] as const).map((g) => (
            <tbody key={g}>
              <tr>
                <th scope="colgroup" colSpan={roles.data.length + 1} className="sticky left-0 pt-4 pb-1 text-left text-meta font-medium text-text-3">
                  {s.groups[g]}
                </th>
              </tr>
              {rows[g].map((p) => (
                <tr key={p} className="border-b hover:bg-surface-1">
                  <th scope="row" className="sticky left-0 bg-surface-0 py-1.5 pr-4 text-left font-normal">
                    <span className="flex flex-wrap items-baseline justify-between gap-x-8">
                      {s.allows[p] ?? p} <span className="mono text-meta text-text-3 max-sm:hidden">{p}</span>
                    </span>
                  </th>
                  {roles.data.map((r) => {
                    const has = r.permissions.includes(p);
                    return (
                      <td key={r.id} className="px-2 text-center">
                        {has ? <Check size={16} aria-hidden className="mx-auto text-good" /> : <span aria-hidden className="text-text-3">–</span>}
                        <span className="sr-only">{has ? s.yes : s.no}</span>
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          ))}
        </table>
      </ScrollRegion>
      {editing && <RoleEditor role={editing === "new" ? undefined : editing} members={editing === "new" ? 0 : (count(editing.id) ?? 0)} rows={rows} onClose={() => setEditing(undefined)} />}
      {removing && <RemoveRole role={removing} onClose={() => setRemoving(undefined)} />}
    </Body>
  );
}
