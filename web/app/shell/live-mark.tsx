import { zone } from "@/app/zone";
import { useLiveStatus } from "@/live/live";
import { cx } from "@/ui/cx";
import { w } from "@/words";
import { formatTime } from "@/words/format";

/** Whether the page is up to date by itself. */
export function LiveMark() {
  const { state, since } = useLiveStatus();
  const at = formatTime(since, zone());
  const text = state === "live" || state === "connecting" ? w.shell.live : state === "polling" ? w.shell.polling(at) : w.shell.reconnecting(at);
  return (
    <span role="status" title={text} className="flex items-center gap-1.5 px-1 text-meta text-text-3">
      <span aria-hidden className={cx("size-2 rounded-full", state === "live" ? "bg-good" : state === "connecting" ? "bg-control" : "bg-warn")} />
      <span className="max-md:sr-only">{state === "live" || state === "connecting" ? text : w.shell.reconnecting(at)}</span>
    </span>
  );
}
