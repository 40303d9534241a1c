import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight, Monitor, Moon, Pin, Smartphone, Sun } from "lucide-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { ProblemError } from "@/api/problem";
import { useMay, useSession } from "@/app/session";
import { organizationOptions } from "@/app/shell/queries";
import { useShortcuts } from "@/keys/registry";
import { IconButton } from "@/ui/button";
import { loadPart } from "@/ui/load-part";
import { ProblemNote, Skeleton } from "@/ui/states";
import { w } from "@/words";
import type { StepText, VariantText } from "./diff";
import { Mail } from "./mail";
import { nameOfLead } from "./parts";
import { mailboxNamesOptions, type Campaign } from "./queries";

type Lead = Schemas["Lead"];
type Asked = { lead_id?: string; subject: string; body: string; follow_up: boolean };

const TestSendBar = lazy(() => loadPart(() => import("./test-send")));
const AsSent = lazy(() => loadPart(() => import("./as-sent")));

const previewOptions = (org: string, campaign: string, asked: Asked) =>
  queryOptions({
    queryKey: [org, "preview", campaign, asked],
    gcTime: 60_000,
    retry: false,
    queryFn: ({ signal }) => must(api.POST("/v1/campaigns/{id}/preview", { params: { path: { id: campaign } }, body: asked, signal })),
  });

/** The message as it leaves, for real people of the campaign: ← and → go through them, p pins one beside it. */
export function Preview({ campaign, steps, at, variant, sample }: { campaign: Campaign; steps: StepText[]; at: number; variant: VariantText; sample?: { leads: Lead[]; enrolled: boolean } }) {
  const c = w.campaigns;
  const people = sample?.leads ?? [];
  const [i, setI] = useState(0);
  const [pinned, setPinned] = useState<string[]>([]);
  const [phone, setPhone] = useState(false);
  const [dark, setDark] = useState(() => document.documentElement.dataset.theme === "dark");
  const lead = people[Math.min(i, people.length - 1)];
  const go = (by: number) => people.length > 0 && setI((n) => (n + by + people.length) % people.length);
  const pin = () => lead && setPinned((p) => (p.includes(lead.id) ? p.filter((x) => x !== lead.id) : [...p.slice(-2), lead.id]));
  useShortcuts([
    { keys: "arrowleft", label: c.previousPerson, group: c.preview, run: () => go(-1) },
    { keys: "arrowright", label: c.nextPerson, group: c.preview, run: () => go(1) },
    { keys: "p", label: c.pin, group: c.preview, run: pin },
  ]);
  const inThread = at > 0 && !variant.subject.trim();
  const subject = inThread ? (steps[0]?.variants[0]?.subject ?? "") : variant.subject;
  const asked = useSettled({ subject: inThread ? "Re: " + subject : subject, body: variant.body, follow_up: at > 0 }, 350);
  const shared = { campaign, asked, phone, dark, footer: campaign.settings.unsubscribe_footer };
  return (
    <section aria-label={c.preview} className="flex min-w-0 flex-col gap-3 p-4 lg:col-start-2 xl:col-start-auto">
      <div className="flex flex-wrap items-center gap-1">
        <IconButton label={c.previousPerson} size="small" why={people.length < 2 ? c.noPeopleYet : undefined} onClick={() => go(-1)}>
          <ChevronLeft size={16} aria-hidden />
        </IconButton>
        <IconButton label={c.nextPerson} size="small" why={people.length < 2 ? c.noPeopleYet : undefined} onClick={() => go(1)}>
          <ChevronRight size={16} aria-hidden />
        </IconButton>
        <p className="min-w-0 flex-1 truncate text-table" role="status">
          {lead ? (
            <>
              <span className="font-medium">{nameOfLead(lead)}</span> <span className="text-text-3">{c.personOf(Math.min(i, people.length - 1) + 1, people.length, sample?.enrolled ?? false)}</span>
            </>
          ) : (
            c.examplePerson
          )}
        </p>
        <IconButton label={c.pin} size="small" aria-pressed={!!lead && pinned.includes(lead.id)} why={lead ? undefined : c.noPeopleYet} onClick={pin}>
          <Pin size={14} aria-hidden />
        </IconButton>
        <IconButton label={phone ? c.desktopWidth : c.phoneWidth} size="small" onClick={() => setPhone(!phone)}>
          {phone ? <Monitor size={14} aria-hidden /> : <Smartphone size={14} aria-hidden />}
        </IconButton>
        <IconButton label={dark ? c.lightLook : c.darkLook} size="small" onClick={() => setDark(!dark)}>
          {dark ? <Sun size={14} aria-hidden /> : <Moon size={14} aria-hidden />}
        </IconButton>
      </div>
      <One {...shared} lead={lead} />
      <Suspense>
        <TestSendBar campaign={campaign} text={{ ...asked, lead_id: lead?.id }} name={lead ? nameOfLead(lead) : ""} />
      </Suspense>
      {pinned
        .filter((id) => id !== lead?.id)
        .map((id) => (
          <One key={id} {...shared} lead={people.find((p) => p.id === id)} named />
        ))}
    </section>
  );
}

type OneProps = { campaign: Campaign; asked: Asked; lead?: Lead; phone: boolean; dark: boolean; footer: boolean; named?: boolean };

function One({ campaign, asked, lead, phone, dark, footer, named }: OneProps) {
  const { org } = useSession();
  const organization = useQuery(organizationOptions(org));
  const boxes = useQuery({ ...mailboxNamesOptions(org), enabled: useMay("mailboxes:read") });
  const shown = useQuery({ ...previewOptions(org, campaign.id, { ...asked, lead_id: lead?.id }), placeholderData: keepPreviousData });
  const from = boxes.data?.find((b) => b.id === campaign.mailbox_ids[0]);
  if (shown.isError && shown.error instanceof ProblemError && shown.error.status === 422)
    return (
      <p role="alert" className="rounded-panel bg-bad-soft p-3 text-table">
        {w.campaigns.unreadable} {shown.error.problem.errors?.map((e) => `${e.field}: ${e.reason}`).join("; ") ?? shown.error.message}
      </p>
    );
  if (shown.isError) return <ProblemNote error={shown.error} onRetry={() => void shown.refetch()} />;
  if (!shown.data) return <Skeleton className="h-80" />;
  const held = [...shown.data.missing];
  return (
    <div className="flex flex-col gap-2">
      {named && lead && <p className="text-table font-medium">{nameOfLead(lead)}</p>}
      {held.length > 0 && (
        <p role="status" className="rounded-control bg-warn-soft px-2.5 py-1.5 text-table text-warn">
          {w.campaigns.wouldBeHeld(held.join(", "))}
        </p>
      )}
      <Mail
        from={from ? [from.display_name, from.address && `<${from.address}>`].filter(Boolean).join(" ") : w.campaigns.noMailbox}
        to={lead ? `${nameOfLead(lead)} <${lead.email ?? ""}>` : w.campaigns.examplePerson}
        subject={shown.data.subject}
        body={shown.data.text || shown.data.body}
        missing={[...held, ...shown.data.unknown]}
        footer={footer && !shown.data.text ? (organization.data?.postal_address || w.campaigns.noPostalAddress) : undefined}
        phone={phone}
        dark={dark}
        stale={shown.isPlaceholderData}
      />
      {shown.data.as_sent && (
        <Suspense>
          <AsSent message={shown.data.as_sent} />
        </Suspense>
      )}
    </div>
  );
}

/** A value once it has stood still for a while. */
function useSettled<T>(value: T, ms: number): T {
  const [settled, set] = useState(value);
  const key = JSON.stringify(value);
  useEffect(() => {
    const t = setTimeout(() => set(value), ms);
    return () => clearTimeout(t);
  }, [key]);
  return settled;
}
