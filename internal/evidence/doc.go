// Package evidence decides whether a sentence of a message may be sent: default deny. A sentence passes when it is the campaign's approved text word for word, or says
// exactly what one stored fact says: the same numbers, dates, names and quotations, the same negation, modality, quantifiers and cause, about the same subject, in the
// fact's own words and order, nothing added and nothing left out. It is pure code without a model, so that a replay gives the same.
package evidence

// Version is of the rules and word lists. A check is recorded with it; changed rules are another version.
const Version = 2

// Who a fact is about.
const (
	AboutLead    = "lead"    // who the message goes to
	AboutCompany = "company" // where they work
	AboutUs      = "us"      // who sends it: an approved claim
)

// Statement is the predicate of a fact that has no other: its Object is a whole sentence.
const Statement = "statement"

// Fact is one stored fact, as a sentence may say it.
type Fact struct {
	ID        string
	About     string   // lead | company | us
	Names     []string // what a sentence may call its subject; the first is used where one is written
	Predicate string   // one of Predicates
	Object    string   // what the predicate says; of a statement the sentence
	Stale     bool     // its source is gone, has changed, or is too old
}

// Sentence is one sentence with the facts that it claims to say.
type Sentence struct {
	Text  string   `json:"text"`
	Cites []string `json:"cites"`
	Kind  string   `json:"kind,omitempty"` // what its writer calls it: it decides nothing
}

// Policy is what sentences are judged by.
type Policy struct {
	Approved []string // texts that may be said as they are: the campaign's own, with the person's fields filled in
	Links    []string // links and addresses that may stand in a message, exactly so
	Facts    []Fact
	Search   bool // a sentence that cites nothing is held against each fact: it was written by a person
}

// Where a word comes from, or why it may not stand there.
const (
	FromApproved = "approved" // the campaign's text
	FromFact     = "fact"
	FromSubject  = "subject" // who the fact is about
	FromOpening  = "opening" // "I saw that"
	FromMark     = "mark"    // of punctuation

	NotCited     = "not_cited"
	UnknownFact  = "unknown_fact"
	SeveralFacts = "several_facts"
	StaleFact    = "stale_fact"
	TwoSentences = "two_sentences"
	Question     = "question"
	Hidden       = "hidden_character"
	Markup       = "markup"
	Link         = "link"
	Promise      = "promise"
	Number       = "number"
	Date         = "date"
	MovingDate   = "moving_date" // "last month": it held when the fact was found
	Name         = "name"
	Quotation    = "quotation"
	Negation     = "negation"
	Modality     = "modality"
	Quantifier   = "quantifier"
	Cause        = "cause"
	Subject      = "wrong_subject"
	Order        = "order" // the fact's words, elsewhere in it: who did what to whom
	LeftOut      = "left_out"
	NotInFact    = "not_in_fact"
	TooLong      = "too_long"
)

// Word is one word of a sentence with where it comes from, or why it is refused.
type Word struct {
	Text string `json:"text"`
	From string `json:"from"`
}

// Reason is why a sentence is refused.
type Reason struct {
	Code string `json:"code"`
	Word string `json:"word,omitempty"` // of the sentence; of the fact, when it was left out
}

// Verdict is what is said of one sentence.
type Verdict struct {
	Text    string   `json:"text"`
	Passed  bool     `json:"passed"`
	Fact    string   `json:"fact,omitempty"` // that carries it; "" of approved text
	Reasons []Reason `json:"reasons,omitempty"`
	Words   []Word   `json:"words"`
}
