package session

import (
	"strconv"
	"time"

	"outrider/internal/mail/systemmail"
)

// letter is what is mailed to somebody.
type letter struct{ subject, text string }

// send lets a mail leave in the background. A person who is asked for all the time gets five in ten minutes.
func (h *Handlers) send(to string, l letter) {
	if h.cfg.Mail == nil {
		return
	}
	if ok, _ := h.mails.Take(to, time.Now()); ok {
		_ = h.cfg.Mail.Send(systemmail.Message{To: to, Subject: l.subject, Text: l.text}) // what finds no room can be asked for again
	}
}

// link leads to a page; the token stands after the #, where no log sees it.
func (h *Handlers) link(page, token string) string {
	return h.cfg.BaseURL + "/auth/" + page + "#" + token
}

func mailVerify(link string) letter {
	return letter{"Confirm your address", "Welcome to Outrider.\n\nConfirm that this address is yours, and your organisation is created:\n\n" + link + "\n\nThe link is good for 24 hours. If you didn't sign up, do nothing.\n"}
}

func mailAlreadyThere(base string) letter {
	return letter{"You have an account already", "Somebody, perhaps you, wanted to sign up with this address at " + base + ". You have an account there already: sign in, or ask for a new password.\n\nIf it wasn't you, do nothing.\n"}
}

func mailReset(link string) letter {
	return letter{"Set a new password", "Set a new password here:\n\n" + link + "\n\nThe link is good for an hour. If you didn't ask for it, do nothing: your password stays as it is.\n"}
}

func mailPasswordChanged() letter {
	return letter{"Your password was changed", "Your password was changed, and other sessions were ended.\n\nIf it wasn't you, ask for a new password at once.\n"}
}

func mailInvitation(organization, link string) letter {
	return letter{"You are invited to " + organization, "You are invited to work in " + organization + " on Outrider.\n\nAccept the invitation here:\n\n" + link + "\n\nThe link is good for seven days.\n"}
}

func mailFactorOn() letter {
	return letter{"Signing in asks for a code now", "A second factor was turned on for your account: signing in asks for a code beside the password. Your other sessions were ended.\n\nKeep the recovery codes that you were shown: each lets you sign in once without the program.\n\nIf it wasn't you, ask for a new password at once, and tell whoever runs this installation.\n"}
}

func mailFactorOff() letter {
	return letter{"Signing in asks for no code any more", "The second factor of your account was turned off: the password alone signs in.\n\nIf it wasn't you, ask for a new password at once, and turn it on again.\n"}
}

func mailRecoveryCodeUsed(left int) letter {
	return letter{"A recovery code was used", "One of your recovery codes was used in place of a code. It is worth nothing any more; " + strconv.Itoa(left) + " are left.\n\nIf it wasn't you, ask for a new password at once, and make new recovery codes.\n"}
}

func mailCodesRenewed() letter {
	return letter{"You have new recovery codes", "New recovery codes were made for your account; those before are worth nothing any more.\n\nIf it wasn't you, ask for a new password at once.\n"}
}

func mailWrongCodes() letter {
	return letter{"Somebody knows your password", "Somebody, perhaps you, gave your password and then several wrong codes.\n\nIf it wasn't you, they know your password: ask for a new one at once. The codes keep them out until then.\n"}
}
