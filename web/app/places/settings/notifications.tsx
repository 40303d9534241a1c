import { useQuery } from "@tanstack/react-query";
import { api, must } from "@/api/client";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { isTold, notificationKinds, type Choices, type NotificationKind } from "@/app/shell/notification-kinds";
import { choicesOptions } from "@/app/shell/notification-queries";
import { CheckField } from "@/ui/field";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { w } from "@/words";
import { Body } from "./row";

const s = w.notifications;

export default function NotificationsSection() {
  const { org } = useSession();
  const choices = useQuery(choicesOptions(org));
  const save = useWrite({ run: (c: Choices) => must(api.PUT("/v1/me/notifications", { body: c })), stale: () => [[org, "notifications"]] });
  const now = save.isPending ? save.variables : choices.data;
  if (choices.error) return <ProblemNote error={choices.error} onRetry={() => void choices.refetch()} />;
  if (!now) return <SkeletonRows rows={5} />;
  const set = (kind: NotificationKind, app: boolean) => save.mutate({ ...now, [kind]: { mail: now[kind]?.mail ?? false, app } });
  return (
    <Body>
      <ul>
        {notificationKinds.map((k) => (
          <li key={k} className="border-b py-3 last:border-b-0">
            <CheckField label={s.kinds[k]![0]} hint={s.kinds[k]![1]} checked={isTold(now, k)} onChange={(e) => set(k, e.target.checked)} />
          </li>
        ))}
      </ul>
    </Body>
  );
}
