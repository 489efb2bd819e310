package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/crmflow/crmflow/definitions"
	"github.com/crmflow/crmflow/dev"
	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/filestore"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/server"
	"github.com/crmflow/crmflow/store"
	"github.com/crmflow/crmflow/story"
)

// errNoPoller is what a worker that doesn't work yet looks like.
var errNoPoller = errors.New("no worker polls yet")

// emptyAdministrator looks after a company that is otherwise empty.
const emptyAdministrator = "admin"

// prepare brings a development database to where worker and server can start: tables, clock, and in a new one the sample company with its cases.
// What is there already stays.
func prepare(ctx context.Context, databaseURL string, o dev.Options) error {
	db, err := store.Open(databaseURL, store.Pool{})
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.Migrate(ctx); err != nil {
		return err
	}
	company, err := companyOf(o)
	if err != nil {
		return err
	}
	if err := setClock(ctx, db, o, company.Zone); err != nil {
		return err
	}
	sample := newSample(db, company)
	data, err := filepath.Abs(o.Data)
	if err != nil {
		return err
	}
	sample.files = cmp.Or(os.Getenv("CRMFLOW_FILES"), dev.FilesIn(data))
	if err := sample.fill(ctx, definitions.Password, o.Empty); err != nil {
		return err
	}
	return sample.engine.MakeViews(ctx)
}

// keepReport keeps the bytes of the file that the story's people attach.
func (s *sample) keepReport(ctx context.Context) error {
	if s.files == "" {
		return nil
	}
	kept, err := filestore.Open(ctx, s.files)
	if err != nil {
		return err
	}
	defer kept.Close()
	_, err = kept.Write(ctx, story.ReportBlob, "report.pdf", bytes.NewReader(definitions.Report), int64(len(definitions.Report)))
	return err
}

func newSample(db *store.DB, company definitions.Company) *sample {
	return &sample{db: db, engine: newEngine(db, engine.Options{}), company: company, admin: administratorOf(company)}
}

// fill writes people, definitions and cases into a new database. One that holds another company stays as it is.
func (s *sample) fill(ctx context.Context, password string, empty bool) error {
	if err := s.people(ctx, password); err != nil {
		return err
	}
	mine, err := s.here(ctx)
	if err != nil || !mine {
		return err
	}
	if err := s.publish(ctx, empty); err != nil || empty {
		return err
	}
	return s.cases(ctx)
}

// here says whether the people in the database are this company's.
func (s *sample) here(ctx context.Context) (bool, error) {
	people, _, err := s.db.Users(ctx, s.admin, store.Page{Limit: 1})
	return len(people) == 1 && people[0].ID == s.admin, err
}

// companyOf is the sample company, or one with nobody but an administrator.
func companyOf(o dev.Options) (definitions.Company, error) {
	company, err := definitions.LoadCompany()
	if err != nil || !o.Empty {
		return company, err
	}
	return emptied(company), nil
}

// emptied is a company with nobody but an administrator.
func emptied(company definitions.Company) definitions.Company {
	return definitions.Company{
		Zone: company.Zone,
		Roles: slices.DeleteFunc(company.Roles, func(r definitions.Role) bool {
			return r.ID != "administrator" && r.ID != "process-owner" && r.ID != "integrator"
		}),
		Users: []definitions.User{{
			ID: emptyAdministrator, Name: definitions.Text{ZH: "管理员", EN: "Administrator"}, Roles: []string{"administrator", "process-owner"}, Language: "zh",
		}},
	}
}

func administratorOf(company definitions.Company) string {
	for _, u := range company.Users {
		if slices.Contains(u.Roles, "administrator") {
			return u.ID
		}
	}
	return ""
}

// setClock anchors business time in a new database, and keeps it in one that has it: only the scale may change, from now on.
func setClock(ctx context.Context, db *store.DB, o dev.Options, zone string) error {
	location, err := time.LoadLocation(zone)
	if err != nil {
		return err
	}
	now := time.Now()
	present, err := db.Present(ctx)
	switch {
	case err != nil:
		return err
	case o.TimeScale < 0 || o.TimeScale > 100_000:
		return fmt.Errorf("--time-scale %g: use a number over 0, at most 100000", o.TimeScale)
	case present.Real == nil:
		at, err := firstMoment(o.At, location, now)
		if err != nil {
			return err
		}
		return db.SetClock(ctx, now, at, cmp.Or(o.TimeScale, 1))
	case o.At != "":
		fmt.Fprintf(o.Stderr, "The business clock of this data directory is kept; --at is for a new one.\n")
	}
	if o.TimeScale == 0 || o.TimeScale == present.Speed() {
		return nil
	}
	return db.SetClock(ctx, now, present.At(now), o.TimeScale)
}

// firstMoment reads --at; the default is the coming Monday, 09:00.
func firstMoment(written string, location *time.Location, now time.Time) (time.Time, error) {
	if written == "" {
		now = now.In(location)
		days := (int(time.Monday) - int(now.Weekday()) + 7) % 7
		monday := time.Date(now.Year(), now.Month(), now.Day()+days, 9, 0, 0, 0, location)
		if !monday.After(now) {
			monday = monday.AddDate(0, 0, 7)
		}
		return monday, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02T15:04", time.DateOnly} {
		if at, err := time.ParseInLocation(layout, written, location); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("--at %q: use for example 2026-09-29T15:00:00+08:00 or \"2026-09-29 15:00\"", written)
}

// sample fills a new database.
type sample struct {
	db      *store.DB
	engine  *engine.Engine
	company definitions.Company
	admin   string
	files   string // where its files are kept; empty: nowhere
}

// people writes the company into a database without people, in one transaction.
func (s *sample) people(ctx context.Context, plain string) error {
	there, _, err := s.db.Users(ctx, "", store.Page{Limit: 1})
	if err != nil || len(there) > 0 {
		return err
	}
	password := server.HashPassword(plain)
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		for _, d := range s.company.Departments {
			if err := tx.AddDepartment(ctx, store.Department{ID: d.ID, Name: words(d.Name), Head: d.Head, InCharge: d.InCharge, Parent: d.Parent}); err != nil {
				return err
			}
		}
		for _, r := range s.company.Roles {
			if err := tx.AddCircle(ctx, store.Roles, store.Circle{ID: r.ID, Name: words(r.Name)}); err != nil {
				return err
			}
		}
		for _, u := range s.company.Users {
			if err := tx.AddUser(ctx, store.User{
				ID: u.ID, Name: words(u.Name), Title: words(u.Title), Department: u.Department, Manager: u.Manager, Position: u.Position,
				Email: u.Email, Language: cmp.Or(u.Language, "zh"), Active: true, Roles: u.Roles, Password: password,
			}); err != nil {
				return err
			}
		}
		for _, g := range s.company.Groups {
			if err := tx.AddCircle(ctx, store.Groups, store.Circle{ID: g.ID, Name: words(g.Name), Members: g.Members}); err != nil {
				return err
			}
		}
		return nil
	})
}

func words(t definitions.Text) store.JSON[process.Text] {
	return store.Of(process.Text{ZH: t.ZH, EN: t.EN})
}

// publish publishes the shipped definitions where nothing is published; for an empty company only the calendars, which every limit needs.
func (s *sample) publish(ctx context.Context, calendarsOnly bool) error {
	rows, _, err := s.db.CurrentDefinitions(ctx)
	if err != nil || len(rows) > 0 {
		return err
	}
	files := shipped()
	if calendarsOnly {
		files = slices.DeleteFunc(files, func(f process.File) bool { return !strings.HasPrefix(f.Path, "calendars/") })
	}
	_, found, err := s.engine.Publish(ctx, engine.Request{Caller: s.admin, Admin: true}, files)
	if err != nil {
		return err
	}
	if process.Failed(found) {
		return fmt.Errorf("the shipped definitions: %s", found[0].String("en"))
	}
	return nil
}

// cases tells the company's story: what happened in the last months, and what is going on. A database in which anything happened stays as it is.
func (s *sample) cases(ctx context.Context) error {
	there, _, err := s.db.Records(ctx, store.Viewer{All: true}, store.RecordFilter{Type: "lead"}, store.Page{Limit: 1})
	if err != nil || len(there) > 0 {
		return err
	}
	leads, err := definitions.LoadLeads()
	if err != nil {
		return err
	}
	if err := s.keepReport(ctx); err != nil {
		return err
	}
	told, err := story.Tell(ctx, s.db, story.Cast{Company: s.company, Leads: leads, Engine: newEngine})
	for _, why := range told.Refused {
		slog.Debug("the sample company wanted what isn't allowed", "what", why)
	}
	if err != nil {
		return err
	}
	_, err = s.db.ForgetMail(ctx, time.Now().Add(time.Hour), math.MaxInt32) // it was told within a minute what took fourteen months
	return err
}

// info tells what dev.json says of the running stack.
func info(ctx context.Context, databaseURL, _ string) (dev.DevInfo, error) {
	db, err := store.Open(databaseURL, store.Pool{})
	if err != nil {
		return dev.DevInfo{}, err
	}
	defer db.Close()
	company, err := definitions.LoadCompany()
	if err != nil {
		return dev.DevInfo{}, err
	}
	signIns := map[string]bool{emptyAdministrator: true}
	for _, u := range company.Users {
		signIns[u.ID] = true
	}
	people, _, err := db.Users(ctx, "", store.Page{Limit: 1000})
	if err != nil {
		return dev.DevInfo{}, err
	}
	now, scale, err := newEngine(db, engine.Options{}).Now(ctx)
	location, zoneErr := time.LoadLocation(company.Zone)
	if zoneErr != nil {
		return dev.DevInfo{}, zoneErr
	}
	found := dev.DevInfo{Now: now.In(location), Scale: scale}
	for _, u := range people {
		if !signIns[u.ID] || !u.Active {
			continue
		}
		found.Users = append(found.Users, dev.User{
			User: u.ID, Password: definitions.Password, Name: u.Name.V.In(u.Language), Title: u.Title.V.In(u.Language), Department: u.Department,
			Manager: u.Manager, Roles: append([]string{}, u.Roles...), Email: u.Email, Language: u.Language,
		})
	}
	return found, err
}

// newEngine makes an engine that knows the published holidays.
func newEngine(db *store.DB, o engine.Options) *engine.Engine {
	o.Holidays = definitions.Holidays
	return engine.New(db, o)
}
