import { Check, Clock, CornerUpLeft, MoreHorizontal, UserRound } from "lucide-react";
import { useState } from "react";
import { serverNow } from "@/app/clock";
import { useMembers } from "@/app/names";
import { useSession } from "@/app/session";
import { zone } from "@/app/zone";
import { useShortcuts } from "@/keys/registry";
import { Button, IconButton } from "@/ui/button";
import { Menu } from "@/ui/overlay";
import { w } from "@/words";
import { formatAbsolute } from "@/words/format";
import { PickMenu } from "./pick-menu";
import type { Thread } from "./queries";
import { snoozeTimes } from "./scopes";
import { nameOf, type ThreadActions } from "./thread-actions";

/** What can be done about a conversation, each with its key. */
export function ThreadBar({ thread: t, may, actions, onLeave, onReply }: { thread: Thread; may: boolean; actions: ThreadActions; onLeave: () => void; onReply: () => void }) {
  const { me } = useSession();
  const members = useMembers();
  const [open, setOpen] = useState<"snooze" | "assign">();
  const done = () => {
    onLeave();
    actions.done(t.id, t);
  };
  const unread = () => {
    onLeave();
    actions.unread(t.id, t);
  };
  const own = may
    ? [
        t.status === "done" ? { keys: "e", label: w.inbox.reopen, run: () => actions.reopen(t.id, t) } : { keys: "e", label: w.inbox.done, run: done },
        { keys: "h", label: w.inbox.snooze, run: () => setOpen("snooze") },
        { keys: "n", label: w.inbox.assign, run: () => setOpen("assign") },
        { keys: "u", label: w.inbox.markUnread, run: unread },
      ]
    : [];
  useShortcuts(own.map((s) => ({ ...s, group: w.inbox.thread, palette: true })));
  if (!may) return null;
  const who = t.assignee ? (t.assignee === me.id ? w.inbox.assignMe : nameOf(members, t.assignee)) : w.inbox.assign;
  const others = members.filter((m) => m.id !== me.id);
  const assign = (to: string | null) => actions.assign(t.id, to, t);
  return (
    <div className="flex items-center gap-1">
      <Button size="small" icon={<CornerUpLeft size={14} aria-hidden />} title="r" onClick={onReply} className="max-xl:hidden">
        {w.inbox.reply}
      </Button>
      {t.status === "done" ? (
        <Button size="small" title="e" onClick={() => actions.reopen(t.id, t)}>
          {w.inbox.reopen}
        </Button>
      ) : (
        <Button size="small" icon={<Check size={14} aria-hidden />} title="e" onClick={done}>
          {w.inbox.done}
        </Button>
      )}
      <PickMenu
        open={open === "snooze"}
        onOpen={(o) => setOpen(o ? "snooze" : undefined)}
        trigger={
          <IconButton size="small" label={w.inbox.snooze} title={w.inbox.snooze + " (h)"}>
            <Clock size={14} aria-hidden />
          </IconButton>
        }
        entries={snoozeTimes(serverNow()).map((s) => ({
          label: w.inbox.snoozeFor[s.name]!,
          hint: formatAbsolute(s.at, zone()),
          onSelect: () => {
            onLeave();
            actions.snooze(t.id, s.at, t);
          },
        }))}
      />
      <PickMenu
        open={open === "assign"}
        onOpen={(o) => setOpen(o ? "assign" : undefined)}
        trigger={
          <Button size="small" look="quiet" icon={<UserRound size={14} aria-hidden />} title={w.inbox.assign + " (n)"}>
            <span className="max-w-28 truncate max-xl:sr-only">{who}</span>
          </Button>
        }
        entries={[
          ...(t.assignee !== me.id ? [{ label: w.inbox.assignMe, onSelect: () => assign(me.id) }] : []),
          ...others.map((m) => ({ label: nameOf(members, m.id), hint: m.email, onSelect: () => assign(m.id) })),
          ...(t.assignee ? [{ label: w.inbox.assignNobody, onSelect: () => assign(null) }] : []),
        ]}
      />
      <Menu
        trigger={
          <IconButton size="small" label={w.leads.more}>
            <MoreHorizontal size={14} aria-hidden />
          </IconButton>
        }
        entries={[{ label: w.inbox.markUnread, keys: "u", onSelect: unread }]}
      />
    </div>
  );
}

