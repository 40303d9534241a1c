package events

import (
	"time"
)

// Transports of a mailbox.
const (
	TransportSMTP     = "smtp"
	TransportSendGrid = "sendgrid"
)

// MailboxAdded takes one of the plan's mailbox places.
type MailboxAdded struct {
	MailboxRef
	Transport   string `json:"transport"`
	Address     Sealed `json:"address"`
	AddressHash string `json:"address_hash"`
	DomainHash  string `json:"domain_hash"`
}

func (MailboxAdded) EventType() string { return "mailbox.added.v1" }

// MailboxRemoved gives the place back.
type MailboxRemoved struct {
	MailboxRef
}

func (MailboxRemoved) EventType() string { return "mailbox.removed.v1" }

// Status of a mailbox. Paused is kept apart from it: a mailbox resumes to what it was.
const (
	MailboxPending   = "pending"   // not verified
	MailboxWarming   = "warming"   // verified; its cap rises day by day
	MailboxActive    = "active"    // verified; its cap is the full one
	MailboxSuspended = "suspended" // paused, by hand or by a rule
)

// What is verified of a mailbox, each by itself.
const (
	CheckDNS        = "dns" // SPF, DKIM and DMARC of the sender's domain
	CheckSMTPTLS    = "smtp_tls"
	CheckSMTPAuth   = "smtp_auth"
	CheckSendToSelf = "send_to_self"
	CheckIMAPAuth   = "imap_auth"
	CheckReadBack   = "read_back"
	// CheckTaggedAddress: mail to the address with a tag (jane+tag@) comes back with the tag. A mailbox may send without.
	CheckTaggedAddress = "tagged_address"
)

// Outcomes of a check. A resolver that doesn't answer makes it unknown, never failed.
const (
	CheckPassed  = "passed"
	CheckFailed  = "failed"
	CheckUnknown = "unknown"
)

// MailServer is where a mailbox sends or is read. The secret's name is a reference into the vault; events hold no secrets.
type MailServer struct {
	Host     string `json:"host"`
	Port     int    `json:"port"`
	Security string `json:"security"` // tls | starttls | none
	Username Sealed `json:"username,omitzero"`
	Secret   string `json:"secret"` // name of the password in the vault
}

// MailboxConnected holds how a mailbox is reached, the whole of it; what was verified before counts no more.
type MailboxConnected struct {
	MailboxRef
	DisplayName Sealed     `json:"display_name,omitzero"`
	SMTP        MailServer `json:"smtp,omitzero"`
	IMAP        MailServer `json:"imap,omitzero"`
	APIKey      string     `json:"api_key,omitzero"` // name of a provider's key in the vault
}

func (MailboxConnected) EventType() string { return "mailbox.connected.v1" }

// MailboxPace is how much a mailbox may send.
type MailboxPace struct {
	CapPerDay    int    `json:"cap_per_day"`  // in a local day of Zone, and in any 24 h
	CapPerHour   int    `json:"cap_per_hour"` // in any 60 minutes; 0 = no limit of its own
	GapSeconds   int    `json:"gap_seconds"`  // between two messages, at least
	JitterFrom   int    `json:"jitter_from"`  // seconds on top of the gap, drawn from [from, to]
	JitterTo     int    `json:"jitter_to"`
	WarmupStart  int    `json:"warmup_start"`   // cap of the first day; 0 = no warm-up
	WarmupPerDay int    `json:"warmup_per_day"` // added each local day up to CapPerDay
	Zone         string `json:"zone,omitzero"`  // IANA, of the local day; empty = the organisation's
}

// MailboxPaceSet replaces the pace.
type MailboxPaceSet struct {
	MailboxRef
	MailboxPace
}

func (MailboxPaceSet) EventType() string { return "mailbox.pace_set.v1" }

// MailboxChecksRequested asks for all checks anew, as connecting does. Until their results are there, the old ones hold.
type MailboxChecksRequested struct {
	MailboxRef
}

func (MailboxChecksRequested) EventType() string { return "mailbox.checks_requested.v1" }

// MailboxChecked is the result of one check.
type MailboxChecked struct {
	MailboxRef
	Check     string    `json:"check"`
	Outcome   string    `json:"outcome"`
	Detail    string    `json:"detail,omitzero"` // for people; no secrets, no personal data
	CheckedAt time.Time `json:"checked_at"`
}

func (MailboxChecked) EventType() string { return "mailbox.checked.v1" }

// Why a mailbox or a campaign is paused.
const (
	PausedManual        = "manual"
	PausedBounceRate    = "bounce_rate"
	PausedComplaintRate = "complaint_rate"
	PausedSignIn        = "sign_in" // the mail server refuses the password; verifying it anew resumes
	PausedBlocked       = "blocked" // receivers refuse us for our reputation (5.7.x)
	// The same of all mailboxes of a sending domain together.
	PausedDomainBounceRate    = "domain_bounce_rate"
	PausedDomainComplaintRate = "domain_complaint_rate"
	PausedDomainBlocked       = "domain_blocked"
	PausedProviderQuota       = "provider_quota" // the account at the provider may send to no more recipients
	PausedMailServer          = "mail_server"    // the mail server broke or overran the process that talks to it, several times in a row; verifying it anew resumes
	PausedPermission          = "permission"     // the provider takes the permission to use the mailbox for ended; signing in again and verifying it resumes
	PausedPlan                = "plan"           // the plan allows fewer mailboxes; a larger one resumes
)

// MailboxPaused stops a mailbox: it is suspended until it is resumed. Count of Sent are what the rule looked at.
type MailboxPaused struct {
	MailboxRef
	Reason string `json:"reason"`
	Count  int    `json:"count,omitzero"` // bounces, complaints or blocks in 7 days; times in a row
	Sent   int    `json:"sent,omitzero"`  // in 7 days
}

func (MailboxPaused) EventType() string { return "mailbox.paused.v1" }

// MailboxResumed lets it go on. What was counted against it before counts no more.
type MailboxResumed struct {
	MailboxRef
}

func (MailboxResumed) EventType() string { return "mailbox.resumed.v1" }

// MailboxWebhookKeysSet replaces the public keys by which reports of a mailbox's provider are checked, the newest first; none = no report is taken.
// While the provider is given a new key, both are there.
type MailboxWebhookKeysSet struct {
	MailboxRef
	Reports []string `json:"reports,omitzero"` // of reports: base64 of DER, as the provider shows them
	Mail    []string `json:"mail,omitzero"`    // of mail that the provider hands over; none = its secret address is enough
}

func (MailboxWebhookKeysSet) EventType() string { return "mailbox.webhook_keys_set.v1" }

// MailboxHealthChanged tells a mailbox's health, 0 to 100, and what changed it.
type MailboxHealthChanged struct {
	MailboxRef
	Health int    `json:"health"`
	Reason string `json:"reason"` // bounced | blocked | complained
}

func (MailboxHealthChanged) EventType() string { return "mailbox.health_changed.v1" }

// MailboxRead says how far a mailbox's folder has been read, so that a monitor goes on behind it.
type MailboxRead struct {
	MailboxRef
	Folder      string    `json:"folder"`
	UIDValidity int64     `json:"uid_validity"` // RFC 3501
	UID         int64     `json:"uid"`          // the last one read
	ReadAt      time.Time `json:"read_at"`
}

func (MailboxRead) EventType() string { return "mailbox.read.v1" }

// MailboxMailUnreadable says that a mail was passed over: the mail server lists it, but didn't give it whenever it was asked.
type MailboxMailUnreadable struct {
	MailboxRef
	Folder      string `json:"folder"`
	UIDValidity int64  `json:"uid_validity"`
	UID         int64  `json:"uid"`
	Reason      string `json:"reason"` // what the server said, for people; no personal data
}

func (MailboxMailUnreadable) EventType() string { return "mailbox.mail_unreadable.v1" }

// Why a mailbox can't be read.
const (
	ReadingUnreachable = "unreachable" // nobody answers where its server should be
	ReadingSilent      = "silent"      // its server doesn't answer in time
	ReadingHungUp      = "hung_up"     // its server ends the connection
	ReadingInsecure    = "insecure"    // the connection can't be secured
	ReadingNoServer    = "no_server"   // what answers is no IMAP server
	ReadingSignIn      = "sign_in"     // its server refuses the sign-in
	ReadingOther       = "other"
)

// ReadingToldApart is how far apart two tellings are that a mailbox can't be read: a server that comes and goes is told of now and then.
const ReadingToldApart = 10 * time.Minute

// MailboxReadingFailed says that a mailbox's inbox couldn't be read several times in a row, and so nothing is sent from it. Further tries aren't told; another reason is.
type MailboxReadingFailed struct {
	MailboxRef
	Reason  string    `json:"reason"`
	Since   time.Time `json:"since"`    // of the first try that failed
	TriedAt time.Time `json:"tried_at"` // of the last
}

func (MailboxReadingFailed) EventType() string { return "mailbox.reading_failed.v1" }

// MailboxReadingRecovered says that it can be read again.
type MailboxReadingRecovered struct {
	MailboxRef
	ReadAt time.Time `json:"read_at"`
}

func (MailboxReadingRecovered) EventType() string { return "mailbox.reading_recovered.v1" }

// MailboxWaited says that a mailbox was looked at, what held it back most, and when it is looked at next.
type MailboxWaited struct {
	MailboxRef
	Rule  string    `json:"rule"`           // see aggregates.Rule*
	Until time.Time `json:"until,omitzero"` // zero = until something happens
}

func (MailboxWaited) EventType() string { return "mailbox.waited.v1" }
