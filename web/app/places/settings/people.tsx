import { useQuery } from "@tanstack/react-query";
import { Ellipsis } from "lucide-react";
import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { settled } from "@/api/operation";
import { useCan } from "@/app/may";
import { Section } from "@/app/page";
import { useWrite } from "@/app/query";
import { useMay, useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { Menu } from "@/ui/overlay";
import { ScrollRegion } from "@/ui/scroll-region";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { HandOver, RemoveMember } from "./people-dialogs";
import IdentityLinks from "./identity-links";
import { Invitations } from "./invitations";
import { mayGive, whyNoChange } from "./people-rules";
import { membersOptions, rolesOptions } from "./queries";
import { Picture } from "./picture";
import { Body } from "./row";

type Member = Schemas["Member"];
const s = w.settings.people;

export default function PeopleSection() {
  const { org, me } = useSession();
  const can = useCan("members:manage");
  const owner = useCan("organization:transfer");
  const members = useQuery(membersOptions(org));
  const roles = useQuery(rolesOptions(org));
  const [removing, setRemoving] = useState<Member>();
  const [handing, setHanding] = useState<Member>();
  const seesInvitations = useMay("members:manage");
  const setRole = useWrite({
    run: async (a: { id: string; role: string; before?: string }, headers) => settled(await must(api.PATCH("/v1/members/{id}", { params: { path: { id: a.id }, header: headers }, body: { role: a.role } }))),
    stale: () => [[org, "members"], [org, "me"]],
    done: (a) => a.before && toast.say(s.roleChanged, () => setRole.mutate({ id: a.id, role: a.before! })),
  });
  if (members.error) return <ProblemNote error={members.error} onRetry={() => void members.refetch()} />;
  if (!members.data || !roles.data) return <SkeletonRows rows={4} />;
  const owners = members.data.filter((m) => m.role === "owner").length;
  return (
    <Body>
      <Section title={s.members(members.data.length)}>
        <ScrollRegion label={s.title}>
          <table className="w-full min-w-[36rem] text-left text-table">
            <thead className="text-text-3">
              <tr className="border-b">
                <th className="py-2 pr-4 font-medium">{s.person}</th>
                <th className="w-56 py-2 pr-4 font-medium">{s.role}</th>
                <th className="w-32 py-2 pr-4 font-medium">{s.joined}</th>
                <th className="w-10 py-2">
                  <span className="sr-only">{s.actions}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {members.data.map((m) => {
                const name = [m.first_name, m.last_name].filter(Boolean).join(" ");
                const why = whyNoChange(m, owners, me.permissions, roles.data);
                return (
                  <tr key={m.id} className="border-b last:border-b-0">
                    <td className="py-2 pr-4">
                      <div className="flex items-center gap-3">
                        <Picture id={m.id} version={m.picture} name={name || m.email || ""} />
                        <div className="min-w-0">
                          <span className="font-medium">{name || m.email}</span>
                          {m.id === me.id && <span className="text-text-3"> · {s.you}</span>}
                          {name && <span className="block text-meta text-text-3">{m.email}</span>}
                        </div>
                      </div>
                    </td>
                    <td className="py-1 pr-4">
                      {can && !why ? (
                        <select
                          aria-label={s.roleOf(name || m.email || "")}
                          value={m.role}
                          onChange={(e) => setRole.mutate({ id: m.id, role: e.target.value, before: m.role })}
                          className="h-8 w-full rounded-control border border-control bg-surface-0 px-2 text-table pointer-coarse:min-h-11"
                        >
                          {roles.data
                            .filter((r) => r.id === m.role || mayGive(r, me.permissions))
                            .map((r) => (
                              <option key={r.id} value={r.id}>
                                {w.settings.roleName(r.name)}
                              </option>
                            ))}
                        </select>
                      ) : (
                        <span title={can ? why : undefined}>
                          {w.settings.roleName(m.role_name ?? m.role)}
                          {can && why && <span className="block text-meta text-text-3">{why}</span>}
                        </span>
                      )}
                    </td>
                    <td className="py-2 pr-4 text-text-2">
                      <Time at={m.joined_at} />
                    </td>
                    <td className="py-1">
                      {(can || owner) && (
                        <Menu
                          trigger={
                            <Button look="quiet" size="small" aria-label={s.actionsFor(name || m.email || "")}>
                              <Ellipsis size={16} aria-hidden />
                            </Button>
                          }
                          entries={[
                            ...(owner && m.id !== me.id && m.role !== "owner" ? [{ label: s.handOver, onSelect: () => setHanding(m) }] : []),
                            ...(can ? [{ label: m.id === me.id ? s.leaveYourself : s.remove, why: m.id === me.id ? s.leaveHint : why, onSelect: () => setRemoving(m) }] : []),
                          ]}
                        />
                      )}
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </ScrollRegion>
      </Section>
      {seesInvitations && <Invitations roles={roles.data} />}
      {seesInvitations && <IdentityLinks />}
      {removing && <RemoveMember member={removing} onClose={() => setRemoving(undefined)} />}
      {handing && <HandOver member={handing} onClose={() => setHanding(undefined)} />}
    </Body>
  );
}
