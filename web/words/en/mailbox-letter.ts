export const mailboxLetter = {
  title: "Signature and copies",
  text: "Signature",
  textAbout: "Below the text of every message, above the footer. Empty: none.",
  html: "Signature in HTML",
  htmlAbout: "For messages with HTML: text, links, colours and sizes; no images. Empty: it is made of the text.",
  copies: "Keep copies of what was sent",
  copiesAbout: "In the mailbox's folder of sent mail. Gmail and Microsoft 365 keep their own.",
  save: "Save signature and copies",
  saved: "Signature and copies saved.",
};
