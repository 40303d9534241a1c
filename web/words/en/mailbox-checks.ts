export const mailboxChecks = {
  checksTitle: "Checks",
  checking: "Checking the mailbox",
  checkingAbout: "Results appear as they come; the message to itself can take a minute. You can leave this page.",
  pendingAbout: "It sends nothing until what failed is mended. Change the connection, or check again.",
  recheckAbout: "The checks are asked for again; it sends on meanwhile.",
  verified: "verified",
  optional: "it may send without",
  outcomes: { passed: "passed", failed: "failed", unknown: "not known", running: "being checked", blocked: "not tried, as one before it failed" } as Record<string, string>,
  checks: {
    smtp_tls: {
      title: "Reaches the sending server",
      about: "Connects to the SMTP server, encrypted.",
      fix: "Compare server, port and encryption with what your provider says: 465 with TLS, or 587 with STARTTLS.",
    },
    smtp_auth: {
      title: "Signs in to send",
      about: "Signs in to the SMTP server.",
      fix: "Type the password again. Google and Microsoft want an app password, not that of the account.",
    },
    send_to_self: {
      title: "Sends a message to itself",
      about: "The server takes a message from this address to this address.",
      fix: "The server refuses to send as this address. Use the account that owns it, or allow it to send as this address.",
    },
    imap_auth: {
      title: "Signs in to read",
      about: "Signs in to the IMAP server.",
      fix: "Compare server, port and encryption with what your provider says: 993 with TLS. If they are right, switch IMAP on in the settings of the mailbox, and type the password again.",
    },
    read_back: {
      title: "Reads that message back",
      about: "The message to itself arrives in the inbox.",
      fix: "It has not arrived within a minute. It counts whenever it comes; look into the spam folder if it stays away.",
    },
    dns: {
      title: "SPF, DKIM and DMARC of the domain",
      about: "Looks up whether receivers can tell that messages are really yours.",
      fix: "Publish what is missing where your domain is managed: SPF as a TXT record of the domain, DKIM with the key of your mail provider, DMARC as _dmarc. Without them no campaign is launched.",
    },
    tagged_address: {
      title: "Takes addresses with a tag",
      about: "Sends a message to the address with +tag, so that every answer finds its message.",
      fix: "Answers are found by their references instead; nothing needs to be done. Postfix: recipient_delimiter = +",
    },
  } as Record<string, { title: string; about: string; fix: string }>,
};
