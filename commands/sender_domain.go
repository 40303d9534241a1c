package commands

import (
	"strconv"
	"strings"
	"time"

	"outrider/aggregates"
	"outrider/events"
)

// RequestDomainChecks asks what a domain publishes.
type RequestDomainChecks struct {
	events.SenderDomainRef
}

func (RequestDomainChecks) CommandType() string { return "sender_domain.request_checks.v1" }

// Decide asks each time, as the last request may have had no result.
func (c RequestDomainChecks) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if o.Domains.Get(c.SenderDomainRef) == nil {
		return nil, errNotFound(c.DomainID)
	}
	return oneEvent(askAgain(c.SenderDomainRef, events.DomainCheckManual, now))
}

func askAgain(of events.SenderDomainRef, reason string, now time.Time) events.SenderDomainChecksRequested {
	return events.SenderDomainChecksRequested{SenderDomainRef: of, Reason: reason, RequestedAt: now}
}

// RecordDomainChecks records what a domain publishes.
type RecordDomainChecks struct {
	events.SenderDomainRef
	Name      string                `json:"name"`
	Checks    []events.DomainCheck  `json:"checks"`
	Evidence  events.DomainEvidence `json:"evidence,omitzero"`
	CheckedAt time.Time             `json:"checked_at"`
}

func (RecordDomainChecks) CommandType() string { return "sender_domain.record_checks.v1" }

// Decide records each check, as it says until when what was found holds.
func (c RecordDomainChecks) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if o.Domains.Get(c.SenderDomainRef) == nil {
		return nil, errNotFound(c.DomainID)
	}
	if len(c.Checks) < 1 || len(c.Checks) > 20 {
		return nil, errInvalid("checks", "must be 1 to 20")
	}
	for i, x := range c.Checks {
		if err := checkDomainCheck("checks."+strconv.Itoa(i), x); err != nil {
			return nil, err
		}
	}
	if err := firstError(checkText("name", c.Name, 1, 255), checkText("evidence.signer", c.Evidence.Signer, 0, 255), checkText("evidence.selector", c.Evidence.Selector, 0, 255), checkText("evidence.sender_ip", c.Evidence.SenderIP, 0, 60)); err != nil {
		return nil, err
	}
	return oneEvent(events.SenderDomainChecked(c))
}

func checkDomainCheck(field string, x events.DomainCheck) error {
	switch x.Check {
	case events.DomainCheckSPF, events.DomainCheckDKIM, events.DomainCheckDMARC, events.DomainCheckMX, events.DomainCheckPTR, events.DomainCheckTracking, events.DomainCheckSigning:
	default:
		return errInvalid(field+".check", "must be spf, dkim, dmarc, mx, ptr, tracking or signing")
	}
	if x.Outcome != events.CheckPassed && x.Outcome != events.CheckFailed && x.Outcome != events.CheckUnknown {
		return errInvalid(field+".outcome", "must be passed, failed or unknown")
	}
	if len(x.Found) > 20 {
		return errInvalid(field+".found", "must be at most 20")
	}
	for _, found := range x.Found {
		if err := checkText(field+".found", found, 0, 1000); err != nil {
			return err
		}
	}
	return firstError(checkText(field+".detail", x.Detail, 0, 1000), checkText(field+".name", x.Name, 0, 300), checkText(field+".type", x.Type, 0, 10), checkText(field+".expected", x.Expected, 0, 1000))
}

// SetDomainSigning gives a domain a key to sign with. Messages are signed once its record is seen.
type SetDomainSigning struct {
	events.SenderDomainRef
	Selector  string `json:"selector"`
	PublicKey string `json:"public_key"`
	Secret    string `json:"secret"`
}

func (SetDomainSigning) CommandType() string { return "sender_domain.set_signing.v1" }

// Decide has nothing to do for a domain that signs with this key.
func (c SetDomainSigning) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Domains.Get(c.SenderDomainRef)
	if is == nil {
		return nil, errNotFound(c.DomainID)
	}
	if !madeOf(c.Selector, 1, 60, "-") {
		return nil, errInvalid("selector", "must be a-z, 0-9 and -, at most 60")
	}
	if err := firstError(checkText("public_key", c.PublicKey, 1, 1000), checkText("secret", c.Secret, 1, 200)); err != nil {
		return nil, err
	}
	set := events.SenderDomainSigningSet(c)
	if is.Signing == set {
		return nil, nil
	}
	return []events.Event{set, askAgain(c.SenderDomainRef, events.DomainCheckChanged, now)}, nil
}

// RemoveDomainSigning ends the signing.
type RemoveDomainSigning struct {
	events.SenderDomainRef
}

func (RemoveDomainSigning) CommandType() string { return "sender_domain.remove_signing.v1" }

// Decide has nothing to do for a domain that has no key.
func (c RemoveDomainSigning) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Domains.Get(c.SenderDomainRef)
	switch {
	case is == nil:
		return nil, errNotFound(c.DomainID)
	case is.Signing.Selector == "":
		return nil, nil
	}
	return []events.Event{events.SenderDomainSigningRemoved(c), askAgain(c.SenderDomainRef, events.DomainCheckChanged, now)}, nil
}

// SetDomainTracking names the host that links in messages of a domain lead to; empty = ours.
type SetDomainTracking struct {
	events.SenderDomainRef
	Host string `json:"host,omitzero"`
}

func (SetDomainTracking) CommandType() string { return "sender_domain.set_tracking.v1" }

// Decide has nothing to do when the host is this one.
func (c SetDomainTracking) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Domains.Get(c.SenderDomainRef)
	switch {
	case is == nil:
		return nil, errNotFound(c.DomainID)
	case is.Host == c.Host:
		return nil, nil
	case c.Host != "" && (!madeOf(c.Host, 4, 200, "-.") || !strings.Contains(strings.Trim(c.Host, "."), ".") || strings.Trim(c.Host, ".-") != c.Host):
		return nil, errInvalid("host", "must be the name of a host, in lower case")
	}
	return []events.Event{events.SenderDomainTrackingSet(c), askAgain(c.SenderDomainRef, events.DomainCheckChanged, now)}, nil
}
