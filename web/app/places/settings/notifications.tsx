import { useQuery } from "@tanstack/react-query";
import { api, must } from "@/api/client";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { isMailed, isTold, notificationKinds, type Choices, type NotificationKind } from "@/app/shell/notification-kinds";
import { choicesOptions } from "@/app/shell/notification-queries";
import { SelectField } from "@/ui/field";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { w } from "@/words";
import { Body } from "./row";

const s = w.notifications;

/** Of what somebody is told, and where. */
export default function NotificationsSection() {
  const { org } = useSession();
  const choices = useQuery(choicesOptions(org));
  const save = useWrite({ run: (c: Choices) => must(api.PUT("/v1/me/notifications", { body: c })), stale: () => [[org, "notifications"]] });
  const now = save.isPending ? save.variables : choices.data;
  if (choices.error) return <ProblemNote error={choices.error} onRetry={() => void choices.refetch()} />;
  if (!now) return <SkeletonRows rows={5} />;
  const set = (kind: NotificationKind, change: { app?: boolean; mail?: boolean }) => save.mutate({ ...now, [kind]: { app: isTold(now, kind), mail: isMailed(now, kind), ...change } });
  const box = (label: string, checked: boolean, onChange: (on: boolean) => void) => (
    <label className="flex min-h-11 items-center justify-center">
      <span className="sr-only">{label}</span>
      <input type="checkbox" checked={checked} onChange={(e) => onChange(e.target.checked)} className="size-4 accent-(--accent)" />
    </label>
  );
  return (
    <Body>
      <table className="w-full max-w-3xl text-left">
        <thead className="text-meta text-text-3">
          <tr className="border-b">
            <td />
            <th scope="col" className="w-24 px-2 py-1 text-center font-normal">
              {s.app}
            </th>
            <th scope="col" className="w-24 px-2 py-1 text-center font-normal">
              {s.mail}
            </th>
          </tr>
        </thead>
        <tbody>
          {notificationKinds.map((k) => (
            <tr key={k} className="border-b last:border-b-0">
              <th scope="row" className="py-2.5 font-normal">
                {s.kinds[k]![0]}
                <span className="block text-meta text-text-3">{s.kinds[k]![1]}</span>
              </th>
              <td>{box(s.inApp(s.kinds[k]![0]), isTold(now, k), (app) => set(k, { app }))}</td>
              <td>{box(s.byMail(s.kinds[k]![0]), isMailed(now, k), (mail) => set(k, { mail }))}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <SelectField
        label={s.when}
        hint={s.whenHint}
        className="max-w-md"
        value={now.when ?? "at_once"}
        onChange={(e) => save.mutate({ ...now, when: e.target.value as Choices["when"] })}
        options={Object.entries(s.times).map(([value, label]) => ({ value, label }))}
      />
    </Body>
  );
}
