import { api, must } from "@/api/client";
import { Section } from "@/app/page";
import { useGoTo } from "@/app/place-link";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { SelectField, TextField } from "@/ui/field";
import { ProblemNote } from "@/ui/states";
import { w } from "@/words";
import { ColumnsTable } from "./columns-table";
import { clearDraft, setDraft, type Draft } from "./draft";
import { formOf, objections, type Options, type ReadAs } from "./mapping";
import { asForm } from "./queries";
import { ReadAsForm } from "./read-as";

const zones = typeof Intl.supportedValuesOf === "function" ? Intl.supportedValuesOf("timeZone") : [];

/** Which column goes where, and what holds for every row; then the check reads all of it. */
export function ColumnsStep({ draft, error, reading, onReadAs }: { draft: Draft; error: unknown; reading: boolean; onReadAs: (r: ReadAs) => void }) {
  const { org } = useSession();
  const go = useGoTo();
  const found = draft.inspection!;
  const against = objections(found.columns, draft.mapping);
  const set = (o: Partial<Options>) => setDraft(org, { options: { ...draft.options, ...o } });
  const check = useWrite({
    run: (_: void, header) => must(api.POST("/v1/imports", { ...asForm(formOf(draft.file!, draft.readAs, { mapping: draft.mapping, options: draft.options, dryRun: true })), params: { header } })),
    stale: () => [[org, "imports"]],
    done: (_, made) => {
      setDraft(org, { checkID: made.id });
      go(`/imports/${made.id}`);
    },
  });
  const why = against.noAddress ? w.imports.noAddress : against.twice[0] ? w.imports.twice(name(against.twice[0].field), against.twice[0].columns.join(", ")) : undefined;
  return (
    <div className="flex flex-col gap-8 px-4 py-5 sm:px-6">
      <div className="flex flex-col gap-3">
        <p className="flex flex-wrap items-center gap-3">
          <span className="font-medium">{w.imports.fileSays(draft.file!.name, draft.file!.size)}</span>
          <Button
            size="small"
            onClick={() => {
              clearDraft(org);
              go("/imports/new");
            }}
          >
            {w.imports.another}
          </Button>
          {reading && (
            <span role="status" className="text-text-3">
              {w.imports.reading}
            </span>
          )}
        </p>
        <ReadAsForm readAs={draft.readAs} found={found} onChange={onReadAs} />
        {!!error && <ProblemNote error={error} />}
      </div>
      <Section title={w.imports.columnsTitle}>
        <ColumnsTable inspection={found} mapping={draft.mapping} onChange={(mapping) => setDraft(org, { mapping })} />
        {(against.noAddress || against.twice.length > 0) && (
          <ul role="alert" className="pt-3 text-bad">
            {against.noAddress && <li>{w.imports.noAddress}</li>}
            {against.twice.map((t) => (
              <li key={t.field}>{w.imports.twice(name(t.field), t.columns.join(", "))}</li>
            ))}
          </ul>
        )}
        {found.left_out.length > 0 && (
          <ul className="pt-3 text-warn">
            {found.left_out.map((l) => (
              <li key={l.code + l.column}>
                {l.column}: {l.reason}
              </li>
            ))}
          </ul>
        )}
      </Section>
      <Section title={w.imports.everyRow}>
        <div className="grid max-w-3xl grid-cols-2 gap-4 pt-3 max-sm:grid-cols-1">
          <SelectField label={w.imports.onDuplicate} value={draft.options.on_duplicate} onChange={(e) => set({ on_duplicate: e.target.value as "skip" })} options={["skip", "update"].map((v) => ({ value: v, label: w.imports.onDuplicates[v]! }))} />
          <TextField label={w.imports.tags} hint={w.imports.tagsHint} value={draft.options.tags} onChange={(e) => set({ tags: e.target.value })} />
          <TextField label={w.imports.lawfulBasis} hint={w.imports.lawfulBasisHint} maxLength={100} value={draft.options.lawful_basis} onChange={(e) => set({ lawful_basis: e.target.value })} />
          <SelectField label={w.imports.timeZone} hint={w.imports.timeZoneHint} value={draft.options.time_zone} onChange={(e) => set({ time_zone: e.target.value })} options={[{ value: "", label: "" }, ...zones.map((z) => ({ value: z, label: z }))]} />
          <SelectField
            label={w.imports.source}
            value={draft.options.source}
            onChange={(e) => set({ source: e.target.value })}
            options={[{ value: "", label: w.leads.source.csv_upload! }, ...(["crm", "manual"] as const).map((s) => ({ value: s, label: w.leads.source[s]! }))]}
          />
        </div>
      </Section>
      <div className="flex flex-wrap items-center gap-3">
        <Button look="primary" busy={check.isPending} why={why} onClick={() => check.mutate()}>
          {w.imports.check}
        </Button>
        <span className="text-text-2">{w.imports.checkAbout}</span>
      </div>
    </div>
  );
}

const name = (f: string) => w.imports.targets[f] ?? w.imports.ownField(f.replace(/^custom\./, ""));
