/** What keeps a message from leaving, in words; `why` and the plan name rules by these keys. */
export const rules: Record<string, string> = {
  organization: "Organisation may not send",
  campaign: "Campaign is paused",
  campaign_date: "Before the campaign's first day",
  enrollment: "This person is paused",
  suppressed: "Nothing may be sent to this address",
  person_gap: "This person was written to from another campaign a short while ago",
  draft: "Not written or not approved",
  retry: "The follow-up isn't due yet, or the server asked to wait",
  window: "Recipient's working hours",
  company_gap: "Somebody at this company was written to less than 30 minutes ago",
  company_cap: "Enough people of this company are in the sequence",
  mailbox: "Mailbox has stopped",
  in_flight: "A message is leaving",
  gap: "Pause between two messages",
  cap_hour: "Mailbox has reached its limit an hour",
  cap_day: "Mailbox has reached its limit a day",
  cap_24h: "Mailbox has reached its limit of 24 hours",
};

export const ruleInWords = (rule: string) => rules[rule] ?? rule.replaceAll("_", " ");
