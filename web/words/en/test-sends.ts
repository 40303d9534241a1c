// Words of test sends and of a message as it leaves.
export const testSends = {
  title: "Test",
  toMe: (name: string) => (name ? `Send a test to me, with the values of ${name}` : "Send a test to me"),
  toMailbox: "To the mailbox itself",
  noMailbox: "The campaign has no mailbox to send from.",
  about: "Leaves at once and counts nowhere. Its links lead nowhere.",
  asked: "The test is on its way.",
  states: {
    requested: "on its way",
    claimed: "on its way",
    sent: "taken by the mail server",
    refused: "didn't leave",
    in_doubt: "nobody knows whether it left; it isn't sent again",
  } as Record<string, string>,
  last: "Last test:",
  asItLeaves: (bytes: string) => `As it leaves (${bytes})`,
  headers: "Header",
  html: "HTML",
  htmlSource: "HTML, as text",
  looks: "How the HTML looks",
  source: "Source",
};
