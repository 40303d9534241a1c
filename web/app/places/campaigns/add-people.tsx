import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { ProblemError } from "@/api/problem";
import { Go } from "@/app/go";
import { useMay, useSession } from "@/app/session";
import { queries } from "@/app/query";
import { Button } from "@/ui/button";
import { CheckField, SelectField, TextField } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { ProblemNote } from "@/ui/states";
import { segmentsOptions } from "@/app/places/leads/segments";
import { segments as segmentWords } from "@/words/en/segments";
import { w } from "@/words";
import type { Campaign } from "./queries";

type Who = "all" | "segment" | "tag" | "import" | "search";
type Filter = { tag?: string; import_id?: string; segment_id?: string; q?: string };
type Added = { seen: number; enrolled: number; already: number; refused: Record<string, number>; problem?: unknown; over: boolean };

/** Adds people by a filter, page by page; says how many, and who was left out. */
export function AddPeople({ campaign, onClose }: { campaign: Campaign; onClose: () => void }) {
  const { org } = useSession();
  const [who, setWho] = useState<Who>("all");
  const [tag, setTag] = useState("");
  const [file, setFile] = useState("");
  const [segment, setSegment] = useState("");
  const [q, setQ] = useState("");
  const [skip, setSkip] = useState(true);
  const [added, setAdded] = useState<Added>();
  const imports = useQuery({ queryKey: [org, "imports", "recent"], enabled: who === "import" && useMay("leads:read"), queryFn: () => must(api.GET("/v1/imports", { params: { query: { limit: 50 } } })) });
  const segments = useQuery({ ...segmentsOptions(org), enabled: who === "segment" });
  const filter: Filter = who === "tag" ? { tag: tag.trim() } : who === "import" ? { import_id: file } : who === "segment" ? { segment_id: segment } : who === "search" ? { q: q.trim() } : {};
  const chosen = who === "all" || Object.values(filter).every(Boolean);
  const count = useQuery({
    queryKey: [org, "leads", "to-enroll", filter],
    enabled: chosen,
    queryFn: async () => (await must(api.GET("/v1/leads", { params: { query: { ...filter, suppressed: false, limit: 1, include: "total" } } }))).total ?? 0,
  });
  const run = async () => {
    const selection: Schemas["LeadSelection"] = who === "all" ? { all: true } : { ...filter, suppressed: false };
    const sum: Added = { seen: 0, enrolled: 0, already: 0, refused: {}, over: false };
    setAdded({ ...sum });
    const key = crypto.randomUUID();
    try {
      for (let cursor: string | undefined, n = 0; n < 400; n++) {
        const r = await must(
          api.POST("/v1/campaigns/{id}/enrollments", { params: { path: { id: campaign.id }, header: { "Idempotency-Key": `${key}-${n}` } }, body: { filter: selection, cursor, skip_active_elsewhere: skip } }),
        );
        if (!("enrolled" in r)) break;
        sum.enrolled += r.enrolled;
        sum.already += r.already;
        sum.seen += r.enrolled + r.already + r.refused_count;
        for (const [code, k] of Object.entries(r.refused_by_code)) sum.refused[code] = (sum.refused[code] ?? 0) + k;
        setAdded({ ...sum });
        if (!(cursor = r.next_cursor ?? undefined)) break;
      }
    } catch (err) {
      if (!(err instanceof ProblemError)) throw err;
      sum.problem = err;
    }
    setAdded({ ...sum, over: true });
    for (const area of ["enrollments", "campaigns", "leads"]) void queries.invalidateQueries({ queryKey: [org, area] });
  };
  const n = count.data ?? 0;
  if (added) return <Result added={added} onClose={onClose} />;
  const options: { value: Who; label: string }[] = [
    { value: "all", label: w.campaigns.addAll },
    { value: "segment", label: segmentWords.field },
    { value: "import", label: w.campaigns.addImport },
    { value: "tag", label: w.campaigns.addTag },
    { value: "search", label: w.campaigns.addSearch },
  ];
  return (
    <Modal
      open
      onClose={onClose}
      title={w.campaigns.addTitle}
      footer={
        <>
          <Button onClick={onClose}>{w.campaigns.cancel}</Button>
          <Button look="primary" why={n > 0 && chosen ? undefined : w.campaigns.nobodyFound} onClick={() => void run()}>
            {w.campaigns.addN(chosen ? n : 0)}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <SelectField label={w.campaigns.whoAdd} value={who} onChange={(e) => setWho(e.target.value as Who)} options={options} />
        {who === "segment" && <SelectField label={segmentWords.field} value={segment} onChange={(e) => setSegment(e.target.value)} options={[{ value: "", label: segmentWords.choose }, ...(segments.data ?? []).map((x) => ({ value: x.id, label: x.name }))]} />}
        {who === "tag" && <TextField label={w.campaigns.tag} value={tag} maxLength={100} onChange={(e) => setTag(e.target.value)} />}
        {who === "search" && <TextField label={w.campaigns.find} type="search" value={q} maxLength={200} onChange={(e) => setQ(e.target.value)} />}
        {who === "import" && (
          <SelectField label={w.campaigns.importFile} value={file} onChange={(e) => setFile(e.target.value)} options={[{ value: "", label: w.campaigns.chooseImport }, ...(imports.data?.data.filter((i) => !i.dry_run).map((i) => ({ value: i.id, label: i.file_name })) ?? [])]} />
        )}
        <CheckField label={w.campaigns.skipElsewhere} hint={w.campaigns.skipHint} checked={skip} onChange={(e) => setSkip(e.target.checked)} />
        <p role="status" className="text-text-2">
          {chosen && count.data !== undefined && (n > 0 ? w.campaigns.found(n) : w.campaigns.nobodyFound)} {chosen && count.data === 0 && who === "all" && <Go path="/imports/new" className="text-accent-text">{w.campaigns.importLeads}</Go>}
        </p>
        {count.isError && <ProblemNote error={count.error} />}
      </div>
    </Modal>
  );
}

function Result({ added, onClose }: { added: Added; onClose: () => void }) {
  return (
    <Modal
      open
      onClose={onClose}
      title={w.campaigns.addTitle}
      footer={
        <Button look="primary" busy={!added.over} onClick={onClose}>
          {w.campaigns.addedDone}
        </Button>
      }
    >
      <div role="status" className="flex flex-col gap-1.5">
        {!added.over && <p className="text-text-2">{w.campaigns.adding(added.seen)}</p>}
        <p className="text-section font-medium">{w.campaigns.added(added.enrolled)}</p>
        {added.already > 0 && <p>{w.campaigns.already(added.already)}</p>}
        {Object.entries(added.refused).map(([code, n]) => (
          <p key={code} className="text-text-2">
            {w.campaigns.refusedN(n, w.campaigns.refused[code] ?? code)}
          </p>
        ))}
      </div>
      {!!added.problem && <ProblemNote error={added.problem} />}
    </Modal>
  );
}
