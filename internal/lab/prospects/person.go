package prospects

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

// Rates are shares of people (0 to 1) unless they say otherwise. The zero value of the whole means DefaultRates.
type Rates struct {
	Unknown     float64 // refused at RCPT with 550 5.1.1
	UnknownLate float64 // accepted; a report of 5.1.1 follows
	Full        float64 // refused at RCPT with 452 4.2.2, once to three times, then accepted
	FullLate    float64 // accepted; a report of delay follows, and one of 5.2.2 after two days

	Scanned  float64 // companies whose filter follows every link within seconds
	Private  float64 // images are fetched by Apple's proxy, soon after delivery
	Proxied  float64 // images are fetched by Google's or Yahoo's proxy when the person reads
	NoImages float64 // images are never fetched; by all others they are when the person reads

	Reads  float64 // of messages
	Clicks float64 // of messages that are read

	Interested, NotNow, NotInterested float64 // answer

	AsksToMeet, Refers, WrongPerson, Customer, Hostile, LeftCompany, Unclear float64 // likewise
	Books                                                                    float64 // books a meeting
	OneClick                                                                 float64 // unsubscribes in the mail program (RFC 8058)
	Page                                                                     float64 // unsubscribes on the page that the link shows
	Mailto                                                                   float64 // unsubscribes by the header's mailto
	Stop                                                                     float64 // answers that they want no more mail
	Away                                                                     float64 // are away when first written to
	Alias                                                                    float64 // of those who answer: from another address than the one written to
	Curious                                                                  float64 // of those who do nothing else: answer a subject that begins with Question

	Troubles
}

// DefaultRates are near what cold campaigns see.
func DefaultRates() Rates {
	return Rates{
		Unknown: 0.012, UnknownLate: 0.008, Full: 0.004, FullLate: 0.002,
		Scanned: 0.06, Private: 0.30, Proxied: 0.25, NoImages: 0.15,
		Reads: 0.45, Clicks: 0.05,
		Interested: 0.018, NotNow: 0.012, NotInterested: 0.020, Books: 0.010,
		OneClick: 0.010, Page: 0.003, Mailto: 0.002, Stop: 0.003, Away: 0.04, Alias: 0.06, Curious: 0.12,
		AsksToMeet: 0.008, Refers: 0.007, WrongPerson: 0.004, Customer: 0.003, Hostile: 0.002, LeftCompany: 0.003, Unclear: 0.003,
	}
}

// What an address does with mail that arrives.
const (
	takes         = "takes"
	isUnknown     = "unknown"
	isUnknownLate = "unknown_late"
	isFull        = "full"
	isFullLate    = "full_late"
)

// How images are fetched.
const (
	byMailer  = "mailer"
	byApple   = "apple"
	byProxy   = "proxy"
	byNobody  = "nobody"
	noOutcome = ""
)

// What a person does in the end.
const (
	outInterested    = "interested"
	outNotNow        = "not_now"
	outNotInterested = "not_interested"
	outBooks         = "books"
	outOneClick      = "one_click"
	outPage          = "page"
	outMailto        = "mailto"
	outStop          = "stop"
	outMeet          = "meeting_request"
	outRefers        = "referral"
	outWrongPerson   = "wrong_person"
	outCustomer      = "already_customer"
	outHostile       = "hostile_or_legal"
	outLeft          = "left_company"
	outUnclear       = "other"
	outComplains     = "complains"
)

// Prospect is what an address is like, whatever is sent to it.
type Prospect struct {
	Address string
	Name    string // as the address suggests
	Takes   string
	Refuses int // how often an address that is full says so at RCPT
	Images  string
	Proxy   string // the proxy's user agent, or the mail program's
	Browser string // the user agent of clicks
	Mailer  string // the style of answers
	Scanned bool
	Outcome string        // "": none ever
	OnNth   int           // the message that brings the outcome, from 1
	Away    time.Duration // how long after the first message they are back; 0: they are there
	Alias   string        // answers come from here, if not ""
	Trouble
}

// NewPerson draws the personality of an address.
func NewPerson(seed uint64, rates Rates, address string) Prospect {
	address = strings.ToLower(address)
	local, domain, _ := strings.Cut(address, "@")
	r := chanceFor(seed, "person", address)
	p := Prospect{Address: address, Name: nameOf(local), Takes: takes, Browser: pickOne(r, browserAgents())}
	p.Takes = drawPerson(r.Float64(), takes, []weightedChoice{{rates.Unknown, isUnknown}, {rates.UnknownLate, isUnknownLate}, {rates.Full, isFull}, {rates.FullLate, isFullLate}})
	p.Refuses = 1 + r.IntN(3)
	p.Images = drawPerson(r.Float64(), byMailer, []weightedChoice{{rates.Private, byApple}, {rates.Proxied, byProxy}, {rates.NoImages, byNobody}})
	switch p.Images {
	case byApple:
		p.Proxy, p.Mailer = appleProxy, pickOne(r, []string{mailerApple, mailerPhone})
	case byProxy:
		p.Proxy, p.Mailer = pickOne(r, proxyAgents()), mailerGmail
	default:
		p.Proxy, p.Mailer = pickOne(r, mailerAgents()), pickOne(r, []string{mailerOutlook, mailerThunderbird, mailerOutlook})
	}
	p.Scanned = !slices.Contains(freeMail(), domain) && doesHappen(chanceFor(seed, "company", domain), rates.Scanned)
	p.Outcome = drawPerson(r.Float64(), noOutcome, []weightedChoice{
		{rates.Interested, outInterested}, {rates.NotNow, outNotNow}, {rates.NotInterested, outNotInterested}, {rates.Books, outBooks},
		{rates.OneClick, outOneClick}, {rates.Page, outPage}, {rates.Mailto, outMailto}, {rates.Stop, outStop},
		{rates.AsksToMeet, outMeet}, {rates.Refers, outRefers}, {rates.WrongPerson, outWrongPerson}, {rates.Customer, outCustomer}, {rates.Hostile, outHostile}, {rates.LeftCompany, outLeft},
		{rates.Unclear, outUnclear}, {rates.Complains, outComplains},
	})
	p.OnNth = []int{1, 1, 1, 1, 1, 2, 2, 2, 3, 3}[r.IntN(10)]
	if doesHappen(r, rates.Away) {
		p.Away = durationBetween(r, 36*time.Hour, 12*24*time.Hour)
	}
	if doesHappen(r, rates.Alias) {
		p.Alias = strings.ReplaceAll(local, ".", "-") + ".office@" + domain
	}
	p.drawTrouble(seed, rates.Troubles)
	return p
}

type weightedChoice struct {
	of   float64
	what string
}

// drawPerson picks one by its share of 0..1, or the rest.
func drawPerson(at float64, rest string, shares []weightedChoice) string {
	for _, s := range shares {
		if at < s.of {
			return s.what
		}
		at -= s.of
	}
	return rest
}

func nameOf(local string) string {
	local, _, _ = strings.Cut(local, "+")
	words := strings.FieldsFunc(local, func(r rune) bool { return !unicode.IsLetter(r) })
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	if len(words) == 0 {
		return "Alex"
	}
	return strings.Join(words, " ")
}

// Companies don't own these domains, so no company's filter stands before them.
func freeMail() []string {
	return []string{"gmail.com", "googlemail.com", "yahoo.com", "outlook.com", "hotmail.com", "icloud.com", "gmx.de", "web.de", "aol.com", "proton.me"}
}
