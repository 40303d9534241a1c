export const redraft = {
  title: "Write this draft anew",
  about: "The model is told what you want. What it says stays bound to facts and approved sentences, and waits here for approval again.",
  aboutTemplate: "This draft is a campaign's text, filled in: written anew it says the same unless the person or the text has changed. What you want is kept with the message.",
  wish: "What it should be like",
  hint: "May stay empty. “Shorter, and ask for Thursday.” It is kept with the message, and goes when the person is erased.",
};
