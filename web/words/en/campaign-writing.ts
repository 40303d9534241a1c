/** How a language model writes for a campaign. Imported by its place only. */
export const writing = {
  title: "Writing by a language model",
  none: "No language model is set up: the templates write, whatever is said here.",
  on: "Let a language model write",
  onAbout: "Within the facts that are known, the claims that are approved and the texts of the steps. Off, the templates are filled in.",
  refused: "What nothing carries",
  refusedAbout: {
    wait: "A message with a sentence that no fact carries waits for a person.",
    drop: "A sentence that no fact carries is left out. Where too little remains, the template is filled in.",
    replace: "Where the fact that it cites says something else, that is said in the fact's own words; otherwise the sentence is left out.",
  } as Record<string, string>,
  refusals: { wait: "Waits for a person", drop: "Is left out", replace: "Becomes the fact's own words" } as Record<string, string>,
  instructions: "Instructions",
  instructionsHint: "What is to be said, and in which tone. Empty: it follows the text of the step closely.",
  limit: "At most, dollars",
  limitHint: "What language models may cost for this campaign in all: research, messages and answers. Then templates and rules stand in. Empty: no limit.",
  amount: "Dollars, such as 20",
  spent: (sum: string) => `Spent so far: ${sum}.`,
  save: "Save",
  saved: "Saved. It holds for what is written from now on.",
};
