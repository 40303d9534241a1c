/** Why a mailbox can't be read, in words. */
export const readingFailures: Record<string, string> = {
  unreachable: "nobody answers where its mail server should be",
  silent: "its mail server doesn't answer in time",
  hung_up: "its mail server ends the connection",
  insecure: "the connection to its mail server can't be secured",
  no_server: "what answers is no IMAP server",
  sign_in: "its mail server refuses the sign-in",
  other: "its mail server refuses something else",
};
