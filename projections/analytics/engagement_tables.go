package analytics

import "outrider/events"

// Facts in the column fact of engagement. The first five are no engagement: they are what a sent message's attributes are
// made of, kept here because this projection may depend on nothing but its own table.
const (
	refOrganization = "organization" // value: zone
	refCampaign     = "campaign"     // value: zone, as it was created
	refSettings     = "settings"     // value: the campaign's zone since
	refLead         = "lead"         // value: keyed hash of the domain
	refArm          = "arm"          // of a message: experiment/arm, as it was asked for

	factSent        = "sent"
	factFailed      = "failed" // refused for good, never left
	factDoubt       = "in_doubt"
	factOpen        = "open"   // class: human, proxy, scanner
	factClick       = "click"  // likewise
	factEarly       = "early"  // value: open or click, of a message of which nothing is known yet; it counts once something is
	factReply       = "reply"  // class: who has answered; hit: the mail; reply_class: what it means, as the newest row of the mail says; also of an automatic one
	factBounce      = "bounce" // class: its kind
	factDrop        = "drop"   // class: why its provider didn't try
	factDelay       = "delay"  // the receiver put it off
	factComplaint   = "complaint"
	factUnsubscribe = "unsubscribe"
	factMeeting     = "meeting"
)

// byPerson is the condition, on what an answer means, under which a person has written it. A row of before there were meanings has none.
const byPerson = `NOT IN ('` + events.MeansAutomatic + `', '` + events.MeansOutOfOffice + `')`

// One row per fact, with the attributes of the message as it was sent on every row: a reply in May to a mail of April is
// April's. ordinal stands for the message: the oseq of the event that created its cohort, small and dense, so that sets of
// messages are small bitmaps. A correction of a hit's class, or of what a reply means, is a further row of the same hit or mail; the newest counts.
const createEngagement = `CREATE TABLE IF NOT EXISTS engagement (
	org           UUID,
	fact          LowCardinality(String),
	about         UUID,
	oseq          Int64 CODEC(Delta, ZSTD),
	hit           UUID,
	class         LowCardinality(String),
	at            DateTime64(6, 'UTC') CODEC(Delta, ZSTD),
	value         String,
	at_rcpt       Bool,
	returned      Bool,
	campaign      UUID,
	lead          UUID,
	version       UInt32,
	step_id       UUID,
	step          UInt16,
	variant       UUID,
	mailbox       UUID,
	domain_hash   String,
	sent_at       DateTime64(6, 'UTC') CODEC(Delta, ZSTD),
	sent_day      Date,
	ordinal       UInt64 CODEC(Delta, ZSTD),
	log_partition Int32,
	pseq          Int64 CODEC(Delta, ZSTD),
	reply_class   LowCardinality(String),
	corrected     Bool,
	person        UInt64 CODEC(ZSTD),
	experiment    UUID,
	arm           UUID,
	INDEX positions pseq     TYPE minmax GRANULARITY 1,
	INDEX campaigns campaign TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = ReplacingMergeTree ORDER BY (org, fact, about, oseq)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 1024`

const engagementColumns = `org, fact, about, oseq, hit, class, at, value, at_rcpt, returned, campaign, lead, version, step_id, step, variant, mailbox, domain_hash, sent_at, sent_day,
	ordinal, log_partition, pseq, reply_class, corrected, person, experiment, arm`
