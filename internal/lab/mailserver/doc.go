// Package mailserver is a small mail server for this machine: SMTP submission, an MX, and IMAP, on loopback addresses.
//
// It stands for a company's mail provider in demos and tests, so it keeps what it accepted (a kill -9 loses nothing that was
// answered with 250 or OK), refuses what a provider refuses, verifies passwords over TLS only, and never connects to
// anything beyond loopback. Mail to a domain that it doesn't hold is passed on while the client waits, so that a
// recipient's refusal is the answer to the client's own RCPT or DATA.
package mailserver
