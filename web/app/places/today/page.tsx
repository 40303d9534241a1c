import { Page } from "@/app/page";
import { w } from "@/words";

export function TodayPage() {
  return <Page title={w.shell.today}>{null}</Page>;
}
