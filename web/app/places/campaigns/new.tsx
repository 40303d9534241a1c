import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { Page } from "@/app/page";
import { useWrite } from "@/app/query";
import { useMay, useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { cx } from "@/ui/cx";
import { TextField } from "@/ui/field";
import { w } from "@/words";
import { stepsAnew } from "./actions";
import { campaignsOptions } from "./queries";

type Kind = Schemas["CampaignType"];
const kinds: Kind[] = ["cold_outreach", "follow_up", "nurture"];

/** A name, a kind, and what to begin with; everything can be changed afterwards. */
export function NewCampaignPage() {
  const { org, slug } = useSession();
  const go = useNavigate();
  const may = useMay("campaigns:write");
  const [name, setName] = useState("");
  const [kind, setKind] = useState<Kind>("cold_outreach");
  const [from, setFrom] = useState("three");
  const [tried, setTried] = useState(false);
  const others = useInfiniteQuery(campaignsOptions(org, { sort: "-updated_at" }));
  const copies = others.data?.pages[0]?.data.filter((c) => c.steps.length > 0).slice(0, 5) ?? [];
  const create = useWrite({
    run: (_: void, header) => {
      const copied = copies.find((c) => c.id === from);
      const steps = copied
        ? stepsAnew(copied.steps)
        : from === "three"
          ? w.campaigns.templates.map((t) => ({ kind: "email" as const, delay_days: t.delay, variants: [{ name: "A", subject: t.subject, body: t.body, weight: 1 }] }))
          : [{ kind: "email" as const, delay_days: 0, variants: [{ name: "A", subject: "", body: "", weight: 1 }] }];
      return must(api.POST("/v1/campaigns", { params: { header }, body: { name: name.trim(), campaign_type: kind, steps } }));
    },
    stale: () => [[org, "campaigns"]],
    done: (_, made) => void go({ to: `/o/${slug}/campaigns/${made.id}/steps` as "/" }),
  });
  if (!may) return <Page title={w.campaigns.new}>{<p className="px-6">{w.states.missingPermission("campaigns:write")}</p>}</Page>;
  const missing = !name.trim();
  return (
    <Page title={w.campaigns.new}>
      <form
        className="flex max-w-2xl flex-col gap-6 px-4 pt-2 pb-10 sm:px-6"
        noValidate
        onSubmit={(e) => {
          e.preventDefault();
          setTried(true);
          if (missing) (e.currentTarget.elements.namedItem("name") as HTMLInputElement | null)?.focus();
          else create.mutate();
        }}
      >
        <TextField name="name" label={w.campaigns.name} hint={w.campaigns.nameHint} placeholder={w.campaigns.namePlaceholder} autoFocus maxLength={200} value={name} onChange={(e) => setName(e.target.value)} error={tried && missing ? w.campaigns.nameMissing : undefined} />
        <Choices legend={w.campaigns.kind} name="kind" value={kind} onChange={(v) => setKind(v as Kind)} options={kinds.map((k) => ({ value: k, label: w.campaigns.kinds[k]!, about: w.campaigns.kindAbout[k]! }))} />
        <Choices
          legend={w.campaigns.beginFrom}
          name="from"
          value={from}
          onChange={setFrom}
          options={[
            { value: "three", label: w.campaigns.three, about: w.campaigns.threeAbout },
            { value: "blank", label: w.campaigns.blank, about: w.campaigns.blankAbout },
            ...copies.map((c) => ({ value: c.id, label: w.campaigns.copyOf(c.name), about: w.campaigns.copyAbout(c.steps.length) })),
          ]}
        />
        <div className="flex flex-wrap items-center gap-3">
          <Button type="submit" look="primary" busy={create.isPending}>
            {w.campaigns.create}
          </Button>
          <span className="text-table text-text-3">{w.campaigns.createAbout}</span>
        </div>
      </form>
    </Page>
  );
}

/** One of some, each with a sentence. */
export function Choices({ legend, name, value, onChange, options }: { legend: string; name: string; value: string; onChange: (v: string) => void; options: { value: string; label: string; about?: string }[] }) {
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1 text-table font-medium text-text-2">{legend}</legend>
      <div className="flex flex-col divide-y border-y">
        {options.map((o) => (
          <label key={o.value} className={cx("flex min-h-11 cursor-pointer items-center gap-3 px-2 py-1.5 hover:bg-surface-1", value === o.value && "bg-accent-soft!")}>
            <input type="radio" name={name} value={o.value} checked={value === o.value} onChange={() => onChange(o.value)} className="size-4 shrink-0 accent-(--accent)" />
            <span className="min-w-0 flex-1 sm:flex sm:items-baseline sm:gap-3">
              <span className="block min-w-0 font-medium break-words sm:w-52 sm:shrink-0">{o.label}</span>
              {o.about && <span className="block text-table text-text-2">{o.about}</span>}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
