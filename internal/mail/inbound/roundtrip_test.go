package inbound_test

import (
	"bytes"
	netmail "net/mail"
	"testing"

	"github.com/google/uuid"

	"outrider/internal/linktoken"
	"outrider/internal/mail/compose"
	"outrider/internal/mail/inbound"
)

// What we send names its message, and so does each way in which it is answered.
func TestAnAnswerLeadsBackToItsMessage(t *testing.T) {
	t.Parallel()
	signer, err := linktoken.NewSigner(linktoken.SigningKey{Secret: bytes.Repeat([]byte{7}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	token := linktoken.Token{Org: uuid.New(), Message: uuid.New()}
	replyTo, _ := linktoken.PlusAddress("zoe@sender.test", signer.Tag(linktoken.Reply, token))
	sent, err := compose.Bytes(compose.Parts{
		From: netmail.Address{Address: "zoe@sender.test"}, To: netmail.Address{Address: "li@example.com"}, ReplyTo: netmail.Address{Address: replyTo},
		Subject: "A question", MessageID: signer.MessageID(token, "sender.test"), Date: monday(), Text: "Hello",
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := netmail.ReadMessage(bytes.NewReader(sent)) // as the person's program does
	if err != nil {
		t.Fatal(err)
	}
	byReference := inbound.Read(raw("From: li@example.com", "To: zoe@sender.test", "In-Reply-To: "+got.Header.Get("Message-Id"), "", "Yes"))
	if found, err := signer.VerifyMessageID(byReference.Keys.References[0]); err != nil || found != token {
		t.Errorf("In-Reply-To: got %v, %v", found, err)
	}
	byAddress := inbound.Read(raw("From: li@example.com", "To: "+got.Header.Get("Reply-To"), "", "Yes"))
	if found, err := signer.VerifyTag(linktoken.Reply, token.Org, byAddress.Keys.Tags[0]); err != nil || found != token {
		t.Errorf("Reply-To: got %v, %v", found, err)
	}
	header, _, _ := bytes.Cut(sent, []byte("\r\n\r\n"))
	bounced := inbound.Read(raw("From: MAILER-DAEMON@example.com", "Content-Type: multipart/report; report-type=delivery-status; boundary=r", "",
		"--r", "Content-Type: message/delivery-status", "", "Final-Recipient: rfc822; li@example.com", "Action: failed", "Status: 5.1.1", "",
		"--r", "Content-Type: message/rfc822", "", string(header), "", "Hello", "--r--"))
	if found, err := signer.VerifyMessageID(bounced.Original.MessageID); err != nil || found != token || !bounced.Reports[0].Failed() {
		t.Errorf("report: got %v, %v, %+v", found, err, bounced.Reports)
	}
}
