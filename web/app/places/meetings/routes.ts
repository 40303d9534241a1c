import type { AnyRoute } from "@tanstack/react-router";

export const meetingsRoutes: AnyRoute[] = [];
