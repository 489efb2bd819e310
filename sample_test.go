package main

import (
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/definitions"
	"github.com/crmflow/crmflow/dev"
	"github.com/crmflow/crmflow/store"
	"github.com/crmflow/crmflow/store/storetest"
)

func TestTheClockBeginsOnTheComingMonday(t *testing.T) {
	zone := time.FixedZone("company", 8*60*60)
	for now, want := range map[string]string{
		"2026-09-28 08:59": "2026-09-28 09:00", "2026-09-28 09:00": "2026-10-05 09:00", "2026-09-29 00:00": "2026-10-05 09:00", "2026-10-04 23:59": "2026-10-05 09:00",
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", now, zone)
		require.NoError(t, err)
		got, err := firstMoment("", zone, at)
		require.NoError(t, err)
		require.Equal(t, want, got.Format("2006-01-02 15:04"), now)
	}
	for _, written := range []string{"2026-09-29T15:00:00+08:00", "2026-09-29 15:00", "2026-09-29T15:00", "2026-09-29T07:00:00Z"} {
		got, err := firstMoment(written, zone, time.Time{})
		require.NoError(t, err)
		require.Equal(t, "2026-09-29 15:00", got.In(zone).Format("2006-01-02 15:04"), written)
	}
	_, err := firstMoment("soon", zone, time.Time{})
	require.ErrorContains(t, err, "soon")
}

// A second start keeps the clock, never puts it back, and only the scale may change.
func TestTheClockIsKept(t *testing.T) {
	t.Parallel()
	db := storetest.FromEnv(t)
	o := dev.Options{At: "2026-09-29 15:00", TimeScale: 60, Stderr: io.Discard}
	require.NoError(t, setClock(t.Context(), db, o, "Asia/Shanghai"))
	first, err := db.Present(t.Context())
	require.NoError(t, err)
	require.NoError(t, setClock(t.Context(), db, dev.Options{At: "2020-01-01", Stderr: io.Discard}, "Asia/Shanghai"))
	same, err := db.Present(t.Context())
	require.NoError(t, err)
	require.Equal(t, first, same)
	before := same.At(time.Now())
	require.NoError(t, setClock(t.Context(), db, dev.Options{TimeScale: 1}, "Asia/Shanghai"))
	slower, err := db.Present(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1.0, slower.Speed())
	require.False(t, slower.At(time.Now()).Before(before))
	require.Error(t, setClock(t.Context(), db, dev.Options{TimeScale: -1}, "Asia/Shanghai"))
}

// The sample company has something in every box, and a second start adds nothing.
func TestTheSampleCompanyIsMadeOnce(t *testing.T) {
	t.Parallel()
	db := storetest.FromEnv(t)
	ctx := t.Context()
	company, err := definitions.LoadCompany()
	require.NoError(t, err)
	s := newSample(db, company)
	require.NotEmpty(t, s.admin)
	for range 2 {
		require.NoError(t, s.fill(ctx, definitions.Password, false))
	}
	all := store.Page{Limit: 200}
	people, _, err := db.Users(ctx, "", all)
	require.NoError(t, err)
	require.Len(t, people, len(company.Users))
}

func TestAnEmptyCompanyHasAnAdministratorAndCalendars(t *testing.T) {
	t.Parallel()
	db := storetest.FromEnv(t)
	company, err := companyOf(dev.Options{Empty: true})
	require.NoError(t, err)
	s := newSample(db, company)
	require.NoError(t, s.fill(t.Context(), definitions.Password, true))
	library, err := s.engine.Library(t.Context())
	require.NoError(t, err)
	require.Empty(t, library.Processes)
	_, there := library.Calendar("")
	require.True(t, there)
}

// A data directory made with --empty stays empty when it is started without.
func TestAnEmptyCompanyStaysEmpty(t *testing.T) {
	t.Parallel()
	db := storetest.FromEnv(t)
	full, err := definitions.LoadCompany()
	require.NoError(t, err)
	require.NoError(t, newSample(db, emptied(full)).fill(t.Context(), definitions.Password, true))
	require.NoError(t, newSample(db, full).fill(t.Context(), definitions.Password, false))
	people, _, err := db.Users(t.Context(), "", store.Page{Limit: 10})
	require.NoError(t, err)
	require.Len(t, people, 1)
}

// In production nobody can sign in until `crmflow migrate` has made the first administrator; it never makes a second one.
func TestMigrateMakesTheFirstAdministrator(t *testing.T) {
	t.Parallel()
	db := storetest.FromEnv(t)
	people := func() []store.User {
		rows, _, err := db.Users(t.Context(), "", store.Page{Limit: 10})
		require.NoError(t, err)
		return rows
	}
	s := &system{db: db}
	require.NoError(t, s.firstAdministrator(t.Context()))
	require.Empty(t, people(), "not without a password")
	s.AdminPassword = "short"
	require.ErrorContains(t, s.firstAdministrator(t.Context()), "8 characters")
	s.AdminPassword = "long enough"
	for range 2 {
		require.NoError(t, s.firstAdministrator(t.Context()))
		require.Len(t, people(), 1)
		require.Equal(t, []string{"administrator", "process-owner"}, []string(people()[0].Roles))
	}
}
