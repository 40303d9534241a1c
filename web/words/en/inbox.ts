export const inbox = {
  meaning: {
    interested: "Interested",
    not_now: "Not now",
    not_interested: "Not interested",
    referral: "Referral",
    unsubscribe: "Unsubscribe",
    maybe_unsubscribe: "Unsubscribe?",
    wrong_person: "Wrong person",
    other: "Other",
  } as Record<string, string>,
};
