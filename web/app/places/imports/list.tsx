import { useInfiniteQuery } from "@tanstack/react-query";
import { Upload } from "lucide-react";
import { Page } from "@/app/page";
import { PlaceLink, useGoTo } from "@/app/place-link";
import { useMay, useSession } from "@/app/session";
import { useAt } from "@/app/shell/time-machine";
import { Button } from "@/ui/button";
import { Chip, type Tone } from "@/ui/chip";
import { Empty, ProblemNote } from "@/ui/states";
import { Table, type Column } from "@/ui/table";
import { Time } from "@/ui/time";
import { w } from "@/words";
import { formatCount } from "@/words/format";
import { importListOptions, type Import } from "./queries";

const tones: Record<string, Tone> = { running: "accent", undoing: "accent", completed: "good", failed: "bad", undone: "plain" };
const number = (id: "rows" | "created" | "updated" | "rejected"): Column<Import> => ({ id, label: w.imports.list[id], width: "6rem", align: "right", cell: (i) => formatCount(i[id]) });

const columns: Column<Import>[] = [
  { id: "file", label: w.imports.list.file, width: "minmax(12rem,2fr)", cell: (i) => <span className="font-medium">{i.file_name}</span> },
  { id: "status", label: w.imports.list.status, width: "minmax(9rem,1fr)", cell: (i) => <Chip tone={i.dry_run && i.status === "completed" ? "plain" : (tones[i.status] ?? "plain")}>{i.dry_run ? w.imports.dryRun : w.imports.status[i.status]}</Chip> },
  number("rows"),
  number("created"),
  number("updated"),
  number("rejected"),
  { id: "at", label: w.imports.list.at, width: "minmax(8rem,1fr)", align: "right", cell: (i) => <Time at={i.created_at} /> },
];

/** Every file, the newest first. */
export function ImportsPage() {
  const { org } = useSession();
  const go = useGoTo();
  const may = useMay("imports:write") && !useAt();
  const list = useInfiniteQuery(importListOptions(org));
  const button = may && (
    <Button look="primary" icon={<Upload size={14} aria-hidden />} onClick={() => go("/imports/new")}>
      {w.imports.begin}
    </Button>
  );
  return (
    <Page title={w.imports.title} fill about={<PlaceLink to="/leads">{w.leads.title}</PlaceLink>} actions={button}>
      {list.error ? (
        <ProblemNote error={list.error} onRetry={() => void list.refetch()} />
      ) : (
        <Table
          label={w.imports.title}
          rows={list.data?.pages.flatMap((p) => p.data) ?? []}
          columns={columns}
          idOf={(i) => i.id}
          onOpen={(i) => go(`/imports/${i.id}`)}
          more={list.hasNextPage && !list.isFetchingNextPage ? () => void list.fetchNextPage() : undefined}
          loading={list.isPending}
          empty={<Empty title={w.imports.emptyTitle} needs={w.imports.emptyNeeds} action={button || undefined} />}
        />
      )}
    </Page>
  );
}
