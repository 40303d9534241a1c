import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Check } from "lucide-react";
import { Section } from "@/app/page";
import { useMay, useSession } from "@/app/session";
import { organizationOptions } from "@/app/shell/queries";
import { cx } from "@/ui/cx";
import { w } from "@/words";
import { anyLeadOptions, campaignsOptions, mailboxesOptions } from "./queries";

type Step = { key: string; name: string; about: string; act: string; path: string; done: boolean };

/** The five steps of a first own start, each of which looks for itself whether it is done. Shown until a campaign was launched. */
export function useFirstSteps(): { open: boolean; list: Step[] } {
  const { org } = useSession();
  const may = useMay("campaigns:write");
  const organization = useQuery({ ...organizationOptions(org), enabled: may });
  const boxes = useQuery({ ...mailboxesOptions(org), enabled: may });
  const leads = useQuery({ ...anyLeadOptions(org), enabled: may });
  const campaigns = useQuery({ ...campaignsOptions(org), enabled: may });
  const t = w.today.steps;
  const list = campaigns.data?.data ?? [];
  const box = boxes.data?.data.find((m) => m.status === "active" || m.status === "warming") ?? boxes.data?.data[0];
  const checks = Object.values(box?.checks ?? {});
  const launched = list.some((c) => c.launched_at);
  const loaded = campaigns.data && boxes.data && leads.data && organization.data;
  return {
    open: may && !!loaded && !launched,
    list: [
      { key: "address", name: t.address, about: organization.data?.postal_address || t.addressAbout, act: t.addressDo, path: "/settings/organization", done: !!organization.data?.postal_address },
      {
        key: "mailbox",
        name: t.mailbox,
        about: checks.length ? `${box?.address ?? ""}: ${t.mailboxChecks(checks.filter((c) => c.outcome === "passed").length, checks.length)}` : t.mailboxAbout,
        act: t.mailboxDo,
        path: "/mailboxes",
        done: box?.status === "active" || box?.status === "warming",
      },
      { key: "leads", name: t.leads, about: t.leadsAbout, act: t.leadsDo, path: "/leads", done: !!leads.data?.data.length },
      { key: "campaign", name: t.campaign, about: list[0]?.name ?? t.campaignAbout, act: t.campaignDo, path: list[0] ? "/campaigns/" + list[0].id : "/campaigns", done: list.length > 0 },
      { key: "launch", name: t.launch, about: t.launchAbout, act: t.launchDo, path: list[0] ? "/campaigns/" + list[0].id : "/campaigns", done: launched },
    ],
  };
}

export function FirstSteps({ steps }: { steps: Step[] }) {
  const { slug } = useSession();
  const first = steps.findIndex((s) => !s.done);
  return (
    <Section title={w.today.steps.title} actions={<span className="text-table text-text-3">{w.today.steps.about}</span>}>
      <ol>
        {steps.map((s, i) => (
          <li key={s.key} className="flex min-h-16 flex-wrap items-center gap-x-4 gap-y-2 border-b py-3 last:border-b-0">
            <span aria-hidden className={cx("flex size-6 shrink-0 items-center justify-center rounded-full text-meta font-semibold", s.done ? "bg-good-soft text-good" : i === first ? "bg-accent text-on-accent" : "bg-surface-2 text-text-2")}>
              {s.done ? <Check size={14} /> : i + 1}
            </span>
            <div className="min-w-0 flex-1">
              <p className={cx("font-medium", s.done && "text-text-2")}>
                {s.name} {s.done && <span className="sr-only">({w.today.steps.done})</span>}
              </p>
              <p className="text-table break-words text-text-2">{s.about}</p>
            </div>
            {!s.done && (
              <Link
                to={`/o/${slug}${s.path}` as "/"}
                className={cx(
                  "inline-flex h-8 items-center rounded-control border px-3 font-medium pointer-coarse:min-h-11",
                  i === first ? "border-transparent bg-accent text-on-accent hover:brightness-110" : "border-control hover:bg-surface-1",
                )}
              >
                {s.act}
              </Link>
            )}
          </li>
        ))}
      </ol>
    </Section>
  );
}
