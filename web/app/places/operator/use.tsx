import { useQuery } from "@tanstack/react-query";
import { must } from "@/api/client";
import { ProblemNote, Skeleton } from "@/ui/states";
import { operatorPeople as s } from "@/words/en/operator-people";
import { w } from "@/words";
import { formatCount } from "@/words/format";
import { platform } from "./client";

/** What an organisation uses of its plan, and who works in it. */
export function Use({ organization: id }: { organization: string }) {
  const one = useQuery({ queryKey: ["operator", "organizations", id, "use"], queryFn: () => must(platform.GET("/v1/admin/organizations/{id}", { params: { path: { id } } })) });
  if (one.error) return <ProblemNote error={one.error} onRetry={() => void one.refetch()} />;
  if (!one.data) return <Skeleton className="mb-4 w-64" />;
  const { usage: u, members = [] } = one.data;
  const lines: [string, string][] = [
    [s.use.leads, s.use.of(u.leads_processed, u.limits.leads_per_month)],
    [s.use.emails, formatCount(u.emails_sent)],
    [s.use.seats, s.use.of(u.seats, u.limits.seats)],
    [s.use.keys, formatCount(one.data.keys)],
    [s.use.sessions, formatCount(one.data.sessions)],
  ];
  return (
    <div className="mb-4 flex flex-col gap-3 border-b pb-3">
      <dl className="text-table">
        {lines.map(([name, value]) => (
          <div key={name} className="flex min-h-7 items-center justify-between gap-4">
            <dt className="text-text-2">{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <details>
        <summary className="min-h-6 cursor-pointer font-medium">{s.use.members(members.length)}</summary>
        <ul className="max-h-48 overflow-auto text-table" tabIndex={0} aria-label={s.use.members(members.length)}>
          {members.map((m) => (
            <li key={m.id} className="flex justify-between gap-4 py-0.5">
              <span className="min-w-0 truncate">{m.email ?? m.id}</span>
              <span className="text-text-3">{w.settings.roleName(m.role)}</span>
            </li>
          ))}
        </ul>
      </details>
    </div>
  );
}
