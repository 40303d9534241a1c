import { w } from "@/words";

export type Section = { id: string; label: string; group: string; permission?: string };

const s = w.settings;

/** All sections, in the order in which they stand. */
export const sections: Section[] = [
  { id: "profile", label: s.profile.title, group: s.groups.you },
  { id: "security", label: s.security.title, group: s.groups.you },
  { id: "notifications", label: w.notifications.title, group: s.groups.you },
  { id: "organization", label: s.organization.title, group: s.groups.organization, permission: "organization:read" },
  { id: "people", label: s.people.title, group: s.groups.organization, permission: "members:read" },
  { id: "roles", label: s.roles.title, group: s.groups.organization, permission: "members:read" },
  { id: "usage", label: s.usage.title, group: s.groups.organization, permission: "organization:read" },
  { id: "billing", label: s.billing, group: s.groups.organization, permission: "organization:read" },
  { id: "claims", label: s.claims, group: s.groups.organization, permission: "campaigns:read" },
  { id: "snippets", label: s.snippets, group: s.groups.organization, permission: "messages:read" },
  { id: "ai", label: s.ai, group: s.groups.organization, permission: "organization:read" },
  { id: "research", label: s.research, group: s.groups.data, permission: "organization:read" },
  { id: "scores", label: s.scores, group: s.groups.data, permission: "leads:read" },
  { id: "suppressions", label: s.suppressions.title, group: s.groups.data, permission: "leads:read" },
  { id: "privacy", label: s.privacy.title, group: s.groups.data, permission: "leads:export" },
  { id: "keys", label: s.keys.title, group: s.groups.data, permission: "keys:manage" },
  { id: "webhooks", label: s.webhooks, group: s.groups.data, permission: "webhooks:manage" },
  { id: "integrations", label: s.integrations, group: s.groups.data, permission: "integrations:manage" },
];

export type Found = { section: Section; entry: string };

/** Returns the settings whose words hold all that was typed, of the sections that may be seen. */
export function findSettings(q: string, permissions: readonly string[]): Found[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const out: Found[] = [];
  for (const section of visibleSections(permissions)) {
    for (const [entry, more] of s.entries[section.id] ?? []) {
      const all = `${section.label} ${entry} ${more}`.toLowerCase();
      if (words.every((x) => all.includes(x))) out.push({ section, entry });
    }
  }
  return out;
}

export function visibleSections(permissions: readonly string[]): Section[] {
  return sections.filter((x) => !x.permission || permissions.includes(x.permission));
}
