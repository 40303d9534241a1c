import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { Confirm } from "@/app/confirm";
import { useCan } from "@/app/may";
import { Section } from "@/app/page";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { SelectField, TextField } from "@/ui/field";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { identityLinks as s } from "@/words/en/own-data";
import { rolesOptions } from "./queries";

type Link = Schemas["IdentityLink"];

/** Organisations of identity providers that are this one, and who becomes a member by signing in there. */
export default function IdentityLinks() {
  const { org } = useSession();
  const can = useCan("members:manage");
  const links = useQuery({ queryKey: [org, "identity-links"], queryFn: async () => (await must(api.GET("/v1/identity-links"))).data });
  const [doing, setDoing] = useState<{ what: "joining" | "remove"; link: Link } | { what: "add" }>();
  const close = () => setDoing(undefined);
  return (
    <Section title={s.title} actions={can && <Button size="small" onClick={() => setDoing({ what: "add" })}>{s.add}</Button>}>
      <p className="max-w-[72ch] py-2 text-table text-text-2">{s.about}</p>
      {links.error && <ProblemNote error={links.error} onRetry={() => void links.refetch()} />}
      {links.isPending && <SkeletonRows rows={2} />}
      {links.data?.length === 0 && <p className="py-2 text-text-2">{s.none}</p>}
      <ul>
        {links.data?.map((l) => (
          <li key={l.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b py-2">
            <span className="min-w-0 flex-1">
              <span className="font-medium">{l.provider}</span> <span className="mono break-all">{l.external_id}</span>
              <span className="block text-table text-text-2">
                {l.joining?.role ? s.joinAs(w.settings.roleName(l.joining.role), (l.joining.domains ?? []).join(", ")) : s.joinOff}. {s.linked} <Time at={l.linked_at} past />
              </span>
            </span>
            {can && (
              <>
                <Button size="small" aria-label={`${s.joining}: ${l.external_id}`} onClick={() => setDoing({ what: "joining", link: l })}>
                  {s.change}
                </Button>
                <Button size="small" look="danger" onClick={() => setDoing({ what: "remove", link: l })}>
                  {s.remove(l.external_id)}
                </Button>
              </>
            )}
          </li>
        ))}
      </ul>
      {doing?.what === "joining" && <Joining link={doing.link} onClose={close} />}
      {doing?.what === "remove" && <Unlink link={doing.link} onClose={close} />}
      {doing?.what === "add" && <Add onClose={close} />}
    </Section>
  );
}

function Joining({ link, onClose }: { link: Link; onClose: () => void }) {
  const { org } = useSession();
  const roles = useQuery(rolesOptions(org));
  const [role, setRole] = useState(link.joining?.role ?? "");
  const [domains, setDomains] = useState((link.joining?.domains ?? []).join(", "));
  const save = useWrite({
    run: (_: void, header) => must(api.PUT("/v1/identity-links/{id}/joining", { params: { path: { id: link.id }, header }, body: role ? { role, domains: domains.split(/[\s,]+/).filter(Boolean) } : {} })),
    stale: () => [[org, "identity-links"]],
    done: () => {
      toast.say(s.saved);
      onClose();
    },
  });
  const choices = (roles.data ?? []).filter((r) => r.id !== "owner");
  return (
    <Confirm title={s.joining} about={s.joiningAbout} action={s.save} busy={save.isPending} onDo={() => save.mutate()} onClose={onClose}>
      <div className="flex flex-col gap-3">
        <SelectField label={s.role} value={role} onChange={(e) => setRole(e.target.value)} options={[{ value: "", label: s.nobody }, ...choices.map((r) => ({ value: r.id, label: w.settings.roleName(r.name) }))]} />
        {role && <TextField label={s.domains} hint={s.domainsHint} value={domains} onChange={(e) => setDomains(e.target.value)} />}
      </div>
    </Confirm>
  );
}

function Unlink({ link, onClose }: { link: Link; onClose: () => void }) {
  const { org } = useSession();
  const end = useWrite({
    run: (_: void, header) => must(api.DELETE("/v1/identity-links/{id}", { params: { path: { id: link.id }, header } })),
    stale: () => [[org, "identity-links"]],
    done: () => {
      toast.say(s.removed);
      onClose();
    },
  });
  return <Confirm danger title={s.removeAsk} about={s.removeAbout} action={s.remove(link.external_id)} busy={end.isPending} onDo={() => end.mutate()} onClose={onClose} />;
}

function Add({ onClose }: { onClose: () => void }) {
  const { org } = useSession();
  const providers = useQuery({ queryKey: ["", "oidc"], queryFn: async () => (await must(api.GET("/v1/auth/oidc"))).data });
  const [provider, setProvider] = useState("");
  const [external, setExternal] = useState("");
  const [token, setToken] = useState("");
  const chosen = provider || providers.data?.[0]?.name || "";
  const link = useWrite({
    run: (_: void, header) => must(api.POST("/v1/identity-links", { params: { header }, body: { provider: chosen, external_id: external.trim(), token: token.trim() || undefined } })),
    stale: () => [[org, "identity-links"]],
    done: () => {
      toast.say(s.linkedNow);
      onClose();
    },
  });
  if (providers.data?.length === 0) return <Confirm title={s.add} about={s.none} action={w.settings.cancel} busy={false} onDo={onClose} onClose={onClose} />;
  return (
    <Confirm title={s.add} about={s.about} action={s.link} busy={link.isPending} why={chosen && external.trim() && token.trim() ? undefined : s.tokenHint} onDo={() => link.mutate()} onClose={onClose}>
      <div className="flex flex-col gap-3">
        <SelectField label={s.provider} value={chosen} onChange={(e) => setProvider(e.target.value)} options={(providers.data ?? []).map((p) => ({ value: p.name, label: p.name }))} />
        <TextField label={s.externalID} hint={s.externalHint} value={external} onChange={(e) => setExternal(e.target.value)} />
        <TextField label={s.token} hint={s.tokenHint} autoComplete="off" value={token} onChange={(e) => setToken(e.target.value)} />
      </div>
    </Confirm>
  );
}
