import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { settled } from "@/api/operation";
import { useNow } from "@/app/clock";
import { useCan } from "@/app/may";
import { Section } from "@/app/page";
import { useWrite } from "@/app/query";
import { useMay, useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { SelectField, TextField } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { mayGive } from "./people-rules";
import { invitationsOptions, usageOptions } from "./queries";

const s = w.settings.people;

export function Invitations({ roles }: { roles: Schemas["RoleDefinition"][] }) {
  const { org } = useSession();
  const can = useCan("members:manage");
  const list = useQuery(invitationsOptions(org));
  const now = useNow();
  const [inviting, setInviting] = useState(false);
  const stale = () => [[org, "members"]];
  const resend = useWrite({
    run: async (i: Schemas["Invitation"], headers) => settled(await must(api.POST("/v1/invitations/{id}/resend", { params: { path: { id: i.id }, header: headers } }))),
    stale,
    done: (i) => toast.say(s.resent(i.email ?? "")),
  });
  const withdraw = useWrite({
    run: async (i: Schemas["Invitation"], headers) => settled(await must(api.DELETE("/v1/invitations/{id}", { params: { path: { id: i.id }, header: headers } }))),
    stale,
    done: (i) => toast.say(s.withdrawn(i.email ?? ""), i.email ? () => invite.mutate({ email: i.email!, role: i.role }) : undefined),
  });
  const invite = useWrite({
    run: async (a: { email: string; role: string }, headers) => settled(await must(api.POST("/v1/invitations", { params: { header: headers }, body: a }))),
    stale,
  });
  return (
    <Section
      title={s.invitations}
      actions={
        can && (
          <Button size="small" look="primary" onClick={() => setInviting(true)}>
            {s.invite}
          </Button>
        )
      }
    >
      {list.error ? (
        <ProblemNote error={list.error} onRetry={() => void list.refetch()} />
      ) : !list.data ? (
        <SkeletonRows rows={2} />
      ) : list.data.length === 0 ? (
        <p className="py-4 text-text-2">{s.noInvitations}</p>
      ) : (
        <ul>
          {list.data.map((i) => {
            const over = new Date(i.expires_at) < now;
            return (
              <li key={i.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b py-2 text-table last:border-b-0">
                <span className="min-w-0 flex-1 basis-56 truncate font-medium">{i.email}</span>
                <span className="w-28 text-text-2">{w.settings.roleName(i.role_name ?? i.role)}</span>
                <span className="w-44 text-text-3">
                  {over ? <Chip tone="warn">{s.expired}</Chip> : s.expires} <Time at={i.expires_at} />
                </span>
                {can && (
                  <span className="flex gap-1">
                    <Button size="small" look="quiet" busy={resend.isPending && resend.variables?.id === i.id} onClick={() => resend.mutate(i)}>
                      {s.resend}
                    </Button>
                    <Button size="small" look="quiet" busy={withdraw.isPending && withdraw.variables?.id === i.id} onClick={() => withdraw.mutate(i)}>
                      {s.withdraw}
                    </Button>
                  </span>
                )}
              </li>
            );
          })}
        </ul>
      )}
      {inviting && <Invite roles={roles} onClose={() => setInviting(false)} />}
    </Section>
  );
}

function Invite({ roles, onClose }: { roles: Schemas["RoleDefinition"][]; onClose: () => void }) {
  const { org, slug, me } = useSession();
  const mine = roles.filter((r) => mayGive(r, me.permissions));
  const usage = useQuery({ ...usageOptions(org), enabled: useMay("organization:read") }).data;
  const full = usage && usage.limits.seats >= 0 && usage.seats >= usage.limits.seats;
  const [email, setEmail] = useState("");
  const [role, setRole] = useState(mine.find((r) => r.id === "member")?.id ?? mine.at(-1)?.id ?? "member");
  const [error, setError] = useState("");
  const send = useWrite({
    run: async (_: void, headers) => settled(await must(api.POST("/v1/invitations", { params: { header: headers }, body: { email, role } }))),
    stale: () => [[org, "members"], [org, "usage"]],
    done: () => {
      onClose();
      toast.say(s.invited(email));
    },
    onProblem: (err) => {
      setError(err.problem.limit ? w.states.overQuota(err.problem.limit, err.problem.used ?? 0, err.problem.max ?? 0) : err.problem.errors?.[0]?.reason || err.problem.detail || err.problem.title);
      return true;
    },
  });
  return (
    <Modal open onClose={onClose} title={s.inviteTitle} about={s.inviteHint}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(e) => {
          e.preventDefault();
          send.mutate();
        }}
      >
        <TextField label={s.email} type="email" required autoFocus value={email} error={error} onChange={(e) => setEmail(e.target.value)} />
        <SelectField label={s.role} value={role} hint={s.giveOnly} onChange={(e) => setRole(e.target.value)} options={mine.map((r) => ({ value: r.id, label: w.settings.roleName(r.name) }))} />
        {full && (
          <p className="text-table text-warn">
            {s.noSeat(usage.limits.seats)}{" "}
            <Link to="/o/$slug/settings/$section" params={{ slug: slug, section: "usage" }} className="underline">
              {s.seePlan}
            </Link>
          </p>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{w.settings.cancel}</Button>
          <Button look="primary" type="submit" busy={send.isPending}>
            {email ? s.inviteDo(email) : s.invite}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
