package events

import (
	"time"

	"github.com/google/uuid"

	"outrider/internal/es"
)

// SenderDomainRef names a domain that mail is sent from. Its id follows from the organisation and the domain's hash, so that it is the same for
// all mailboxes of the domain.
type SenderDomainRef struct {
	DomainID   uuid.UUID `json:"domain_id"`
	DomainHash string    `json:"domain_hash"`
}

func (r SenderDomainRef) AggregateID() string     { return r.DomainID.String() }
func (r SenderDomainRef) SenderDomain() uuid.UUID { return r.DomainID }

// Why a domain is checked.
const (
	DomainCheckDaily   = "daily"
	DomainCheckManual  = "manual"
	DomainCheckMailbox = "mailbox" // a mailbox of it was verified
	DomainCheckChanged = "changed" // its signing or its tracking host is another
)

// SenderDomainChecksRequested asks what a domain publishes. Until the result is there, the old one holds.
type SenderDomainChecksRequested struct {
	SenderDomainRef
	Reason      string    `json:"reason"`
	RequestedAt time.Time `json:"requested_at"`
}

func (SenderDomainChecksRequested) EventType() string { return "sender_domain.checks_requested.v1" }

// What is checked of a domain. A domain fails if one of the first three does; the others are advice.
const (
	DomainCheckSPF      = "spf"
	DomainCheckDKIM     = "dkim"
	DomainCheckDMARC    = "dmarc"
	DomainCheckMX       = "mx"
	DomainCheckPTR      = "ptr"
	DomainCheckTracking = "tracking" // of a host of its own
	DomainCheckSigning  = "signing"  // the record of the key that we sign with
)

// DomainCheck is the outcome of one check: passed, failed or unknown. What stands in the DNS is public and no personal data; addresses of
// people in it (of DMARC reports) are left out.
type DomainCheck struct {
	Check    string   `json:"check"`
	Outcome  string   `json:"outcome"`
	Detail   string   `json:"detail,omitzero"`   // a sentence for people
	Name     string   `json:"name,omitzero"`     // of the record
	Type     string   `json:"type,omitzero"`     // TXT, MX, CNAME, PTR
	Expected string   `json:"expected,omitzero"` // to be published
	Found    []string `json:"found,omitzero"`
}

// DomainEvidence is what was learned from a message as it arrived, and holds until another is seen.
type DomainEvidence struct {
	Signer   string `json:"signer,omitzero"`   // d= of an aligned DKIM signature that was good
	Selector string `json:"selector,omitzero"` // s= of it
	SenderIP string `json:"sender_ip,omitzero"`
}

// SenderDomainChecked is what a domain publishes, the whole of it.
type SenderDomainChecked struct {
	SenderDomainRef
	Name      string         `json:"name"` // of the domain
	Checks    []DomainCheck  `json:"checks"`
	Evidence  DomainEvidence `json:"evidence,omitzero"`
	CheckedAt time.Time      `json:"checked_at"`
}

func (SenderDomainChecked) EventType() string { return "sender_domain.checked.v1" }

// Outcome returns that of the domain: failed if SPF, DKIM or DMARC fail, unknown if all of them are, else passed.
func (e SenderDomainChecked) Outcome() string {
	known := false
	for _, c := range e.Checks {
		switch c.Check {
		case DomainCheckSPF, DomainCheckDKIM, DomainCheckDMARC:
			if c.Outcome == CheckFailed {
				return CheckFailed
			}
			known = known || c.Outcome == CheckPassed
		}
	}
	if known {
		return CheckPassed
	}
	return CheckUnknown
}

// SenderDomainSigningSet says with which key messages of a domain are signed, once its record is published. The private half is in the vault.
type SenderDomainSigningSet struct {
	SenderDomainRef
	Selector  string `json:"selector"`
	PublicKey string `json:"public_key"` // the record's p=
	Secret    string `json:"secret"`     // name of the private key in the vault
}

func (SenderDomainSigningSet) EventType() string { return "sender_domain.signing_set.v1" }

// SenderDomainSigningRemoved ends the signing.
type SenderDomainSigningRemoved struct {
	SenderDomainRef
}

func (SenderDomainSigningRemoved) EventType() string { return "sender_domain.signing_removed.v1" }

// SenderDomainTrackingSet names the host that links in messages of a domain lead to, once it leads to us; empty = ours again.
type SenderDomainTrackingSet struct {
	SenderDomainRef
	Host string `json:"host,omitzero"`
}

func (SenderDomainTrackingSet) EventType() string { return "sender_domain.tracking_set.v1" }

// SenderDomainOf returns the reference of an organisation's domain by its hash.
func SenderDomainOf(org uuid.UUID, hash string) SenderDomainRef {
	return SenderDomainRef{DomainID: es.DeriveID(org, "sender domain", hash), DomainHash: hash}
}
