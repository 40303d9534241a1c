// The one catalogue of what the dashboard says. A place has its own file in words/en; another language is another folder of the same shape.
import { analytics } from "./en/analytics";
import { campaigns } from "./en/campaigns";
import { events } from "./en/events";
import { history } from "./en/history";
import { imports } from "./en/imports";
import { inbox } from "./en/inbox";
import { leads } from "./en/leads";
import { mailboxes } from "./en/mailboxes";
import { meetings } from "./en/meetings";
import { operator } from "./en/operator";
import { palette } from "./en/palette";
import { rules } from "./en/rules";
import { settings } from "./en/settings";
import { shell } from "./en/shell";
import { signIn } from "./en/sign-in";
import { rates, states } from "./en/states";
import { table } from "./en/table";
import { timeLapse } from "./en/time-lapse";
import { today } from "./en/today";
import { why } from "./en/why";

export const w = { analytics, campaigns, events, history, imports, inbox, leads, mailboxes, meetings, operator, palette, rates, rules, settings, shell, signIn, states, table, timeLapse, today, why };
