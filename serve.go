package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"github.com/crmflow/crmflow/definitions"
	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/server"
	"github.com/crmflow/crmflow/store"
	"github.com/crmflow/crmflow/systems"
	"github.com/crmflow/crmflow/worker"
	"github.com/crmflow/crmflow/workflows"
)

// system is what server and worker have in common: a configuration, the database, and Temporal when one is configured.
type system struct {
	config
	db       *store.DB
	temporal client.Client    // nil: none configured
	systems  *systems.Systems // nil: none are configured
}

// connect reads the configuration and prepares the connections. Neither has to answer yet: a process starts while they are away.
func connect(cmd *cobra.Command) (*system, error) {
	c, err := readConfig(cmd)
	if err != nil {
		return nil, err
	}
	if err := startLog(cmd.ErrOrStderr(), c.LogLevel); err != nil {
		return nil, err
	}
	if c.DatabaseURL == "" {
		return nil, errNoDatabase
	}
	s := &system{config: c}
	if s.db, err = store.Open(c.DatabaseURL, store.Pool{}); err != nil {
		return nil, err
	}
	if c.TemporalAddress == "" {
		return s, nil
	}
	s.temporal, err = client.NewLazyClient(client.Options{
		HostPort: c.TemporalAddress, Namespace: c.TemporalNamespace, Logger: log.NewStructuredLogger(slog.Default()), ConnectionOptions: workflows.Connection(),
	})
	return s, err
}

// connectWithSystems is [connect] for those who must know the systems that chains call.
func connectWithSystems(cmd *cobra.Command) (*system, error) {
	s, err := connect(cmd)
	if err != nil || s.Systems == "" {
		return s, err
	}
	if s.systems, err = systems.Read(s.Systems); err != nil {
		s.close()
	}
	return s, err
}

func (s *system) close() {
	if s.temporal != nil {
		s.temporal.Close()
	}
	_ = s.db.Close()
}

// temporalAnswers says whether Temporal is there; nil: none is configured.
func (s *system) temporalAnswers() func(context.Context) error {
	if s.temporal == nil {
		return nil
	}
	return func(ctx context.Context) error {
		_, err := s.temporal.CheckHealth(ctx, &client.CheckHealthRequest{})
		return err
	}
}

// serverGC is how many percent the server's heap grows before it is collected. Its live heap is a few tens of megabytes: collecting at the double of it costs
// a tenth of the CPU of a decision. GOGC overrides it.
const serverGC = 400

func serverCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "server", Short: "Answer HTTP requests", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		if os.Getenv("GOGC") == "" {
			debug.SetGCPercent(serverGC)
		}
		s, err := connectWithSystems(cmd)
		if err != nil {
			return err
		}
		defer s.close()
		ctx, stop := untilStopped()
		defer stop()
		return s.serve(ctx)
	}}
	addSettings(cmd, "addr", "database_url", "temporal_address", "temporal_namespace", "temporal_ui", "systems", "files", "files_at_most", "rate", "trusted_proxies", "webhooks_private", "dev", "log_level")
	return cmd
}

// serve answers requests until the context ends. News of cases goes to Temporal right after a commit; what doesn't arrive, a worker delivers.
func (s *system) serve(ctx context.Context) error {
	proxies, err := proxiesOf(s.TrustedProxies)
	if err != nil {
		return err
	}
	poster, err := s.poster()
	if err != nil {
		return err
	}
	options := engine.Options{Systems: append([]string{}, s.systems.Names()...)}
	kept, err := s.openFiles(ctx)
	if err != nil {
		return err
	}
	largest, err := parseSize("files_at_most", s.FilesAtMost)
	if err != nil {
		return err
	}
	sending, stopSending := context.WithCancel(context.WithoutCancel(ctx))
	var all sync.WaitGroup
	if s.temporal != nil {
		signaller := workflows.NewSignaller(s.temporal, s.db, workflows.Options{})
		options.AfterCommit = signaller.Enqueue
		all.Go(func() { signaller.Run(sending) })
	}
	defer all.Wait()
	defer stopSending()
	listener, err := net.Listen("tcp", s.Addr)
	if err != nil {
		return err
	}
	slog.Info("listening", "address", listener.Addr().String(), "version", version, "commit", builtFrom())
	return server.New(server.Options{
		DB: s.db, Engine: newEngine(s.db, options), Temporal: s.temporalAnswers(), TemporalUI: s.TemporalUI, Dev: s.Dev, Version: version, Commit: builtFrom(),
		Files: kept, FilesAtMost: largest,
		Rate: s.Rate, Proxies: proxies, Reaches: poster.Reaches,
	}).Serve(ctx, listener)
}

// poster makes what messages to webhooks go by.
func (s *system) poster() (*systems.Poster, error) {
	networks, err := systems.ParseNetworks(s.WebhooksPrivate)
	if err != nil {
		return nil, fmt.Errorf("webhooks_private: %w", err)
	}
	return systems.NewPoster(networks), nil
}

// proxiesOf reads the setting of that name.
func proxiesOf(setting string) ([]string, error) {
	list := strings.FieldsFunc(setting, func(r rune) bool { return r == ',' || r == ' ' })
	for _, p := range list {
		_, wrong := netip.ParseAddr(p)
		if _, err := netip.ParsePrefix(p); err != nil && wrong != nil {
			return nil, fmt.Errorf("trusted_proxies: %q is no address and no network", p)
		}
	}
	return list, nil
}

func workerCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "worker", Short: "Run Temporal's workflows: limits, reminders, what the outbox holds", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		s, err := connectWithSystems(cmd)
		if err != nil {
			return err
		}
		defer s.close()
		if s.temporal == nil {
			return errors.New("a worker needs Temporal: give --temporal-address")
		}
		ctx, stop := untilStopped()
		defer stop()
		for _, missing := range s.systems.Missing() {
			slog.Error("a secret of a system is missing; its calls fail until it is there", "error", missing)
		}
		kept, err := s.openFiles(ctx)
		if err != nil {
			return err
		}
		mail, err := s.openMail()
		if err != nil {
			return err
		}
		poster, err := s.poster()
		if err != nil {
			return err
		}
		worker.Run(ctx, worker.Config{DB: s.db, Engine: newEngine(s.db, engine.Options{}), Temporal: s.temporal, Systems: s.systems, Files: kept,
			Mail: mail, URL: strings.TrimRight(s.PublicURL, "/"), Hooks: poster})
		return nil
	}}
	addSettings(cmd, "database_url", "temporal_address", "temporal_namespace", "systems", "files", "public_url", "smtp_url", "mail_from", "webhooks_private", "log_level")
	return cmd
}

func migrateCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "migrate", Short: "Bring the database's tables up to date; in a new one, make the first administrator", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		s, err := connect(cmd)
		if err != nil {
			return err
		}
		defer s.close()
		ctx, stop := untilStopped()
		defer stop()
		if err := s.db.Migrate(ctx); err != nil {
			return err
		}
		if err := s.firstAdministrator(ctx); err != nil {
			return err
		}
		if err := newEngine(s.db, engine.Options{}).MakeViews(ctx); err != nil {
			return fmt.Errorf("the views for other programs: %w", err)
		}
		fmt.Fprintln(cmd.OutOrStdout(), "the database is up to date")
		return nil
	}}
	addSettings(cmd, "database_url", "admin_password", "log_level")
	return cmd
}

// leastPassword is the shortest password that the API takes, too.
const leastPassword = 8

// firstAdministrator makes somebody who can sign in and make everybody else, where nobody is there yet; with the calendars, which every limit needs.
func (s *system) firstAdministrator(ctx context.Context) error {
	if s.AdminPassword == "" {
		return nil
	}
	if len(s.AdminPassword) < leastPassword {
		return fmt.Errorf("the administrator's password needs at least %d characters", leastPassword)
	}
	company, err := definitions.LoadCompany()
	if err != nil {
		return err
	}
	return newSample(s.db, emptied(company)).fill(ctx, s.AdminPassword, true)
}

// healthTimeout is how long a server may take to say how it is.
const healthTimeout = 5 * time.Second

func healthCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "health", Short: "Ask a running server whether it is ready; exit 1 when it isn't", Args: cobra.NoArgs}
	url := cmd.Flags().String("url", "", "address of the server; default: http:// and --addr")
	addSettings(cmd, "addr")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := readConfig(cmd)
		if err != nil {
			return err
		}
		if *url == "" {
			*url = "http://" + c.Addr
		}
		ctx, cancel := context.WithTimeout(cmd.Context(), healthTimeout)
		defer cancel()
		return askReady(ctx, strings.TrimRight(*url, "/"), cmd.OutOrStdout())
	}
	return cmd
}

// askReady prints what a server says of itself.
func askReady(ctx context.Context, url string, out io.Writer) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/readyz", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("no answer: %w", err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(out, io.LimitReader(response.Body, 10_000)); err != nil {
		return err
	}
	fmt.Fprintln(out)
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the server is not ready: %s", response.Status)
	}
	return nil
}
