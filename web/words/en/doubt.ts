// Words of doubts about messages: what is looked for, and what ended one.
export const doubt = {
  reply: "Nobody knows whether this answer left: the connection broke while the mail server was taking it. It is never sent again by itself. If it has not left, the conversation needs an answer again.",
  answerAgain: "The conversation needs an answer again",
  looked: "What ends it by itself",
  lookedFor: [
    "a copy in the folder of sent mail, or where all mail is shown; looked for with each reading, for a day",
    "a report of the provider, or a bounce",
    "an answer, an opt-out or a booking by it",
    "its pixel or a link of it, fetched by the person or their mail program (not by a filter)",
  ],
  never: "Finding nothing proves nothing: it is never sent a second time by itself.",
  ended: (by: string) => `It had been in doubt. ${endings[by] ?? by}`,
};

const endings: Record<string, string> = {
  provider: "Its provider told of it: it left.",
  bounce: "It bounced: it left.",
  reply: "It was answered: it left.",
  sent_folder: "A copy lay in the folder of sent mail: it left.",
  hit: "It was opened, or a link of it followed: it left.",
  unsubscribe: "They unsubscribed by it: it left.",
  booking: "They booked a meeting by it: it left.",
  person: "A person said so.",
};
