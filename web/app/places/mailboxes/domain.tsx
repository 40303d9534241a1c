import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { CircleAlert, CircleCheck, CircleHelp } from "lucide-react";
import { useState } from "react";
import { Go } from "@/app/go";
import { Page, Section } from "@/app/page";
import { PastOrProblem } from "@/app/past-note";
import { useMay, useSession } from "@/app/session";
import { useAt } from "@/app/shell/time-machine";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { CopyText } from "@/ui/copy";
import { TextField } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { senderDomains as s } from "@/words/en/sender-domains";
import { domainOptions, useDomainActions, type Domain, type Record as DNSRecord } from "./domain-queries";
import { mailboxesOptions } from "./queries";

const tones = { passed: "good", failed: "bad", unknown: "warn" } as const;
const icons = { passed: CircleCheck, failed: CircleAlert, unknown: CircleHelp };
const looks = { passed: "text-good", failed: "text-bad", unknown: "text-warn" };
const advice = new Set(["mx", "ptr", "tracking", "signing"]);

/** A domain that mail is sent from: what it should publish, and what it does. */
export function DomainPage() {
  const { org } = useSession();
  const past = !!useAt();
  const { id } = useParams({ strict: false }) as { id: string };
  const one = useQuery({ ...domainOptions(org, id), refetchInterval: (q) => (q.state.data?.checking ? 2000 : false) });
  const write = useMay("mailboxes:write") && !past;
  const act = useDomainActions(id);
  if (one.isError && !one.data) return <Page title={s.title}>{<PastOrProblem error={one.error} onRetry={() => void one.refetch()} />}</Page>;
  if (!one.data) return <Page title={s.title}>{<SkeletonRows />}</Page>;
  const d = one.data;
  return (
    <Page
      title={d.domain}
      about={<Chip tone={tones[d.outcome]}>{s.outcomes[d.outcome]}</Chip>}
      actions={
        write && (
          <Button busy={act.check.isPending || d.checking} onClick={() => act.check.mutate()}>
            {d.checking ? s.checking : s.checkNow}
          </Button>
        )
      }
    >
      <div className="grid gap-x-10 gap-y-8 px-4 py-4 pb-10 sm:px-6 xl:grid-cols-[minmax(0,1fr)_22rem]">
        <Section title={s.records} actions={d.checked_at && <span className="text-table text-text-3">{s.checked} <Time at={d.checked_at} /></span>}>
          <p className="max-w-[72ch] py-2 text-text-2">{d.checks?.length ? s.recordsAbout : s.never}</p>
          <ul aria-live="polite">{d.checks?.map((c) => <Row key={c.check} record={c} />)}</ul>
        </Section>
        <div className="flex min-w-0 flex-col gap-8">
          <Signing domain={d} write={write} />
          <Tracking key={d.tracking_host ?? ""} domain={d} write={write} />
          <Boxes domain={d} />
        </div>
      </div>
    </Page>
  );
}

/** One record with what should be published, to copy, and what was found. */
function Row({ record: r }: { record: DNSRecord }) {
  const Icon = icons[r.outcome];
  return (
    <li className="flex items-start gap-3 border-b py-3 last:border-b-0">
      <Icon size={16} aria-hidden className={`mt-0.5 shrink-0 ${looks[r.outcome]}`} />
      <div className="min-w-0 flex-1">
        <p>
          <span className="font-medium">{s.names[r.check] ?? r.check}</span> <span className="text-table text-text-3">{s.outcome[r.outcome]}</span>
          {advice.has(r.check) && <span className="text-table text-text-3">, {s.advice}</span>}
        </p>
        {r.detail && <p className="max-w-[72ch] text-table break-words text-text-2">{r.detail}</p>}
        <dl className="mt-1 grid grid-cols-[4.5rem_minmax(0,1fr)] gap-x-3 text-table">
          {r.name && <Line label={`${s.name} (${r.type})`} text={r.name} />}
          {r.expected && r.outcome !== "passed" && <Line label={s.expected} text={r.expected} />}
          {r.found?.map((f) => <Line key={f} label={s.found} text={f} />)}
          {!r.found?.length && r.outcome === "failed" && r.name && (
            <>
              <dt className="text-text-3">{s.found}</dt>
              <dd>{s.nothing}</dd>
            </>
          )}
        </dl>
      </div>
    </li>
  );
}

function Line({ label, text }: { label: string; text: string }) {
  return (
    <>
      <dt className="text-text-3">{label}</dt>
      <dd className="min-w-0 break-all">
        <CopyText label="" text={text} />
      </dd>
    </>
  );
}

function Signing({ domain: d, write }: { domain: Domain; write: boolean }) {
  const act = useDomainActions(d.id);
  const [asking, setAsking] = useState(false);
  const make = () => act.makeKey.mutate(undefined, { onSuccess: () => setAsking(false) });
  return (
    <Section title={s.signing}>
      <p className="py-2 text-text-2">{d.signing_selector ? s.signingWith(d.signing_selector) : s.signingAbout}</p>
      {write && (
        <div className="flex flex-wrap gap-2">
          <Button busy={act.makeKey.isPending} onClick={() => (d.signing_selector ? setAsking(true) : make())}>
            {d.signing_selector ? s.makeOther : s.makeKey}
          </Button>
          {d.signing_selector && (
            <Button look="quiet" busy={act.removeKey.isPending} onClick={() => act.removeKey.mutate()}>
              {s.removeKey}
            </Button>
          )}
        </div>
      )}
      <Modal
        open={asking}
        onClose={() => setAsking(false)}
        title={s.otherTitle}
        about={s.otherAbout}
        footer={
          <>
            <Button onClick={() => setAsking(false)}>{s.cancel}</Button>
            <Button look="primary" busy={act.makeKey.isPending} onClick={make}>
              {s.makeOther}
            </Button>
          </>
        }
      />
    </Section>
  );
}

function Tracking({ domain: d, write }: { domain: Domain; write: boolean }) {
  const act = useDomainActions(d.id);
  const [host, setHost] = useState(d.tracking_host ?? "");
  const to = d.checks?.find((c) => c.check === "tracking")?.expected ?? "";
  return (
    <Section title={s.tracking}>
      <p className="py-2 text-text-2">{s.trackingAbout}</p>
      {write ? (
        <form
          className="flex flex-col gap-3"
          onSubmit={(e) => {
            e.preventDefault();
            act.setHost.mutate(host.trim());
          }}
        >
          <TextField label={s.host} hint={s.hostHint(d.domain, to)} value={host} onChange={(e) => setHost(e.target.value)} autoComplete="off" spellCheck={false} />
          <div className="flex flex-wrap gap-2">
            <Button type="submit" busy={act.setHost.isPending} why={host.trim() === (d.tracking_host ?? "") ? s.hostHint(d.domain, to) : undefined}>
              {s.save}
            </Button>
            {d.tracking_host && (
              <Button look="quiet" onClick={() => act.setHost.mutate("")}>
                {s.noHost}
              </Button>
            )}
          </div>
        </form>
      ) : (
        <p>{d.tracking_host || s.nothing}</p>
      )}
    </Section>
  );
}

function Boxes({ domain: d }: { domain: Domain }) {
  const { org } = useSession();
  const all = useQuery(mailboxesOptions(org));
  const own = new Set(d.mailbox_ids);
  return (
    <Section title={s.mailboxes} actions={<span className="text-table text-text-3">{s.of(own.size)}</span>}>
      <ul>
        {(all.data ?? [])
          .filter((b) => own.has(b.id))
          .map((b) => (
            <li key={b.id} className="border-b py-1.5 last:border-b-0">
              <Go path={`/mailboxes/${b.id}`}>{b.address ?? b.id.slice(0, 8)}</Go>
            </li>
          ))}
      </ul>
    </Section>
  );
}
