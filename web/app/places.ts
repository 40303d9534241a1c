// Every place of the dashboard. What stands in the rail is in shell/rail.tsx.
import { analyticsRoutes } from "./places/analytics/routes";
import { campaignsRoutes } from "./places/campaigns/routes";
import { experimentsRoutes } from "./places/experiments/routes";
import { historyRoutes } from "./places/history/routes";
import { importsRoutes } from "./places/imports/routes";
import { inboxRoutes } from "./places/inbox/routes";
import { leadsRoutes } from "./places/leads/routes";
import { mailboxesRoutes } from "./places/mailboxes/routes";
import { meetingsRoutes } from "./places/meetings/routes";
import { settingsRoutes } from "./places/settings/routes";
import { todayRoutes } from "./places/today/routes";

export const places = [...todayRoutes, ...inboxRoutes, ...leadsRoutes, ...importsRoutes, ...campaignsRoutes, ...mailboxesRoutes, ...meetingsRoutes, ...analyticsRoutes, ...experimentsRoutes, ...historyRoutes, ...settingsRoutes];
