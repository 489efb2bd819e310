package main

import (
	"errors"
	"net/url"

	"github.com/crmflow/crmflow/activities/notify"
	"github.com/crmflow/crmflow/worker"
)

// catchMail is the smtp_url that keeps mail in the database.
const catchMail = "catch:"

// openMail is whoever takes people's mail; nil: none is configured.
func (s *system) openMail() (notify.Sender, error) {
	if s.SMTPURL == "" {
		return nil, nil
	}
	page, err := url.Parse(s.PublicURL)
	if err != nil || page.Scheme != "http" && page.Scheme != "https" || page.Host == "" {
		return nil, errors.New("mail needs to know where its links lead: set public_url, as https://crm.example.com")
	}
	if s.SMTPURL == catchMail {
		return worker.Catcher{DB: s.db}, nil
	}
	return notify.NewEmail(s.SMTPURL, s.MailFrom)
}
