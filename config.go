package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/viper"
)

// config is everything that can be set, by file, environment or flag; the later wins.
type config struct {
	Addr              string  `mapstructure:"addr"`
	DatabaseURL       string  `mapstructure:"database_url"`
	TemporalAddress   string  `mapstructure:"temporal_address"`
	TemporalNamespace string  `mapstructure:"temporal_namespace"`
	TemporalUI        string  `mapstructure:"temporal_ui"`
	Systems           string  `mapstructure:"systems"`
	Files             string  `mapstructure:"files"`
	FilesAtMost       string  `mapstructure:"files_at_most"`
	PublicURL         string  `mapstructure:"public_url"`
	SMTPURL           string  `mapstructure:"smtp_url"`
	MailFrom          string  `mapstructure:"mail_from"`
	WebhooksPrivate   string  `mapstructure:"webhooks_private"`
	AdminPassword     string  `mapstructure:"admin_password"`
	Rate              float64 `mapstructure:"rate"`
	TrustedProxies    string  `mapstructure:"trusted_proxies"`
	Dev               bool    `mapstructure:"dev"`
	LogLevel          string  `mapstructure:"log_level"`
}

// setting is one key of the configuration: its default, and what --help says of it.
type setting struct {
	key, value, help string
	plain            string // an environment variable without our prefix that also sets it
}

// settings are all the keys there are; a key that isn't here is an error, wherever it stands.
var settings = []setting{
	{key: "addr", value: "127.0.0.1:8080", help: "where the server listens"},
	{key: "database_url", value: "", help: "PostgreSQL, as postgres://… or key=value", plain: "DATABASE_URL"},
	{key: "temporal_address", value: "127.0.0.1:7233", help: "Temporal's frontend, host:port; empty: none (decisions go on without timers)", plain: "TEMPORAL_ADDRESS"},
	{key: "temporal_namespace", value: "default", help: "Temporal's namespace"},
	{key: "temporal_ui", value: "", help: "address of Temporal's own page, to link to"},
	{key: "systems", value: "", help: "YAML file with the systems that chains may call; empty: none"},
	{key: "files", value: "", help: "where the bytes of files are kept: file:///directory, shared by all servers and workers, or s3://bucket?region=…; empty: no files are taken"},
	{key: "files_at_most", value: "20 MB", help: "how large a file may be"},
	{key: "public_url", value: "", help: "where people reach the page, as https://…: links in mail lead there"},
	{key: "smtp_url", value: "", help: "where mail goes: smtp://user:password@host:587 (with STARTTLS), smtps://…:465, smtp://host:25?tls=off; catch: keeps it in the database instead, for development; empty: none is sent"},
	{key: "mail_from", value: "crmflow <crmflow@localhost>", help: "whom mail is from"},
	{key: "webhooks_private", value: "", help: "networks of private addresses, by commas, that webhooks may lead to: 10.1.0.0/16; empty: none"},
	{key: "admin_password", value: "", help: "in a database without people: makes the administrator `admin` with this password"},
	{key: "rate", value: "300", help: "requests a second that one person may send to one server, sustained; an address from which nobody is signed in, a third of it; below 0: no bound"},
	{key: "trusted_proxies", value: "", help: "addresses or networks, by commas, of the proxies in front of the server: their X-Forwarded-For is believed, and nobody else's"},
	{key: "dev", value: "false", help: "open what only a development stack may show: every message that was sent"},
	{key: "log_level", value: "info", help: "debug, info, warn or error"},
}

const envPrefix = "CRMFLOW_"

// otherVariables are variables with our prefix that are no settings.
var otherVariables = []string{"CRMFLOW_CONFIG", "CRMFLOW_URL", "CRMFLOW_USER", "CRMFLOW_PASSWORD", "CRMFLOW_TOKEN"}

// addSettings gives a command the flags of the settings named.
func addSettings(cmd *cobra.Command, keys ...string) {
	cmd.Flags().String("config", "", "YAML file with settings (CRMFLOW_CONFIG)")
	for _, s := range settings {
		if !slices.Contains(keys, s.key) {
			continue
		}
		name, help := strings.ReplaceAll(s.key, "_", "-"), s.help+" ("+strings.Join(s.variables(), ", ")+")"
		if s.key == "dev" {
			cmd.Flags().Bool(name, false, help)
			continue
		}
		cmd.Flags().String(name, s.value, help)
	}
}

func (s setting) variables() []string {
	names := []string{envPrefix + strings.ToUpper(s.key)}
	if s.plain != "" {
		names = append(names, s.plain)
	}
	return names
}

// readConfig reads the settings for a command: defaults, then the file, the environment, the flags that were given.
func readConfig(cmd *cobra.Command) (config, error) {
	var c config
	if err := knownVariables(os.Environ()); err != nil {
		return c, err
	}
	v := viper.NewWithOptions(viper.ExperimentalBindStruct())
	for _, s := range settings {
		v.SetDefault(s.key, s.value)
		if err := v.BindEnv(append([]string{s.key}, s.variables()...)...); err != nil {
			return c, err
		}
		if flag := cmd.Flags().Lookup(strings.ReplaceAll(s.key, "_", "-")); flag != nil {
			if err := v.BindPFlag(s.key, flag); err != nil {
				return c, err
			}
		}
	}
	if err := readFile(cmd, v); err != nil {
		return c, err
	}
	if err := v.UnmarshalExact(&c); err != nil {
		return c, fmt.Errorf("the configuration can't be used: %w", err)
	}
	return c, nil
}

// readFile reads the configuration file, when one is named.
func readFile(cmd *cobra.Command, v *viper.Viper) error {
	path := os.Getenv("CRMFLOW_CONFIG")
	if flag := cmd.Flags().Lookup("config"); flag != nil && flag.Changed {
		path = flag.Value.String()
	}
	if path == "" {
		return nil
	}
	v.SetConfigFile(path)
	v.SetConfigType("yaml")
	if err := v.ReadInConfig(); err != nil {
		return fmt.Errorf("the configuration file can't be read: %w", err)
	}
	return nil
}

// knownVariables refuses a variable with our prefix that sets nothing: a typing error would otherwise go unnoticed.
func knownVariables(environ []string) error {
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, envPrefix) || strings.HasPrefix(name, envPrefix+"TEST_") || slices.Contains(otherVariables, name) {
			continue
		}
		known := func(s setting) bool { return s.variables()[0] == name }
		if !slices.ContainsFunc(settings, known) {
			return fmt.Errorf("the environment variable %s is no setting of crmflow; see crmflow server --help", name)
		}
	}
	return nil
}

// errNoDatabase is what a command says that can't do without one.
var errNoDatabase = errors.New("no database is set: give --database-url, CRMFLOW_DATABASE_URL or DATABASE_URL")

// startLog makes the process's log: text for a person at a terminal, JSON for everything else.
func startLog(w io.Writer, level string) error {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return fmt.Errorf("log_level %q: use debug, info, warn or error", level)
	}
	options := &slog.HandlerOptions{Level: l}
	var handler slog.Handler = slog.NewJSONHandler(w, options)
	if f, ok := w.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			handler = slog.NewTextHandler(w, options)
		}
	}
	slog.SetDefault(slog.New(handler))
	return nil
}
