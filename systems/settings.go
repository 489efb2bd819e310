package systems

import (
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// Settings is one system as it is configured.
type Settings struct {
	URL      string            `yaml:"url"`           // where it is; a request's path is put behind it
	Paths    []string          `yaml:"paths"`         // what may be called: these paths and what is below them; none: everything
	Headers  map[string]string `yaml:"headers"`       // sent with each call; secrets as env:NAME or file:PATH
	Hosts    []string          `yaml:"hosts"`         // where else a redirect may lead
	Private  private           `yaml:"allow_private"` // true, or the networks that may be reached though they are private
	Timeout  time.Duration     `yaml:"timeout"`       // of one call; default 10 s, at most 60 s
	Attempts int               `yaml:"attempts"`      // how often a call is made at most; default 8
	Within   time.Duration     `yaml:"within"`        // how long it is tried altogether; default 1 h
}

const (
	defaultTimeout  = 10 * time.Second
	defaultAttempts = 8
	defaultWithin   = time.Hour
	minTimeout      = 10 * time.Millisecond
	maxTimeout      = 60 * time.Second // an activity of Temporal waits for it
	maxAttempts     = 100
	maxWithin       = 7 * 24 * time.Hour
)

// private says which private addresses a system may be at.
type private struct {
	all      bool
	networks []netip.Prefix
}

// UnmarshalYAML reads true, false, or a list of networks.
func (p *private) UnmarshalYAML(b []byte) error {
	if err := yaml.Unmarshal(b, &p.all); err == nil {
		return nil
	}
	var list []string
	if err := yaml.Unmarshal(b, &list); err != nil {
		return fmt.Errorf("allow_private is true, or networks like [10.1.0.0/16]")
	}
	for _, s := range list {
		network, err := netip.ParsePrefix(s)
		if err != nil {
			return fmt.Errorf("allow_private: %q is no network like 10.1.0.0/16", s)
		}
		p.networks = append(p.networks, network.Masked())
	}
	return nil
}

// Systems are all that are configured. It is safe for concurrent use; nil: none are.
type Systems struct{ list map[string]*system }

// Read reads the file that says which systems there are. An unknown key is an error, and so is a setting that can't be right.
func Read(path string) (*Systems, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("the systems can't be read: %w", err)
	}
	s, err := Parse(text)
	if err != nil {
		return nil, fmt.Errorf("the systems in %s can't be used: %w", path, err)
	}
	return s, nil
}

// Parse is [Read] of a text.
func Parse(text []byte) (*Systems, error) {
	var file struct {
		Systems map[string]Settings `yaml:"systems"`
	}
	if err := yaml.UnmarshalWithOptions(text, &file, yaml.Strict()); err != nil {
		return nil, err
	}
	s := &Systems{list: map[string]*system{}}
	for _, name := range slices.Sorted(maps.Keys(file.Systems)) {
		one, err := newSystem(name, file.Systems[name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		s.list[name] = one
	}
	return s, nil
}

// Names are the systems there are, sorted.
func (s *Systems) Names() []string {
	if s == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(s.list))
}

// Missing are the secrets that can't be read now, each with its system and header. Calls that need one fail until it is there.
func (s *Systems) Missing() []error {
	var missing []error
	for _, name := range s.Names() {
		if _, err := s.list[name].secrets(); err != nil {
			missing = append(missing, fmt.Errorf("%s: %w", name, err))
		}
	}
	return missing
}

// system is one that can be called.
type system struct {
	Settings
	places    chan struct{} // one entry per call under way
	name      string
	base      *url.URL
	transport *http.Transport
	resolver  *net.Resolver // nil: the machine's; another one in tests
}

var namePattern = regexp.MustCompile(`^[a-z][a-z0-9]*([-_.][a-z0-9]+)*$`) // what `to` takes

func newSystem(name string, set Settings) (*system, error) {
	s := &system{Settings: set, name: name, places: make(chan struct{}, room)}
	if !namePattern.MatchString(name) {
		return nil, fmt.Errorf("a name is written like erp or erp-2")
	}
	for _, check := range []func() error{s.readURL, s.checkLimits, s.checkPaths, s.checkHosts, s.checkHeaders} {
		if err := check(); err != nil {
			return nil, err
		}
	}
	s.transport = s.newTransport()
	return s, nil
}

func (s *system) readURL() error {
	u, err := url.Parse(s.URL)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("url is written like https://erp.example.com/api")
	case u.User != nil:
		return fmt.Errorf("url holds no name and password: give a header authorization, as env:NAME or file:PATH")
	case u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf("url ends with a path: no ? and no #")
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), ""
	s.base = u
	return nil
}

func (s *system) checkLimits() error {
	if s.Timeout == 0 {
		s.Timeout = defaultTimeout
	}
	if s.Attempts == 0 {
		s.Attempts = defaultAttempts
	}
	if s.Within == 0 {
		s.Within = defaultWithin
	}
	switch {
	case s.Timeout < minTimeout || s.Timeout > maxTimeout:
		return fmt.Errorf("timeout is written like 10s, and is at most %v", maxTimeout)
	case s.Attempts < 0 || s.Attempts > maxAttempts:
		return fmt.Errorf("attempts are at most %d", maxAttempts)
	case s.Within < minTimeout || s.Within > maxWithin:
		return fmt.Errorf("within is written like 1h, and is at most %v", maxWithin)
	}
	return nil
}

func (s *system) checkPaths() error {
	for i, p := range s.Paths {
		if !strings.HasPrefix(p, "/") || strings.ContainsAny(p, "?#%") || dotted(p) {
			return fmt.Errorf("paths: %q is no path like /orders", p)
		}
		s.Paths[i] = strings.TrimRight(p, "/")
	}
	return nil
}

var hostPattern = regexp.MustCompile(`^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]+)?$`)

func (s *system) checkHosts() error {
	for i, h := range s.Hosts {
		if u, err := url.Parse("https://" + h); err != nil || u.Host != h || !hostPattern.MatchString(h) {
			return fmt.Errorf("hosts: %q is no host like erp.example.com or erp.example.com:8443", h)
		}
		s.Hosts[i] = strings.ToLower(h)
	}
	return nil
}

// Headers that the call itself sets, and those that only make sense as a secret.
var (
	ours     = []string{"host", "connection", "content-length", "content-type", "transfer-encoding", "idempotency-key", "accept-encoding"}
	telling  = regexp.MustCompile(`authorization|cookie|token|secret|passw|key|session|signature`)
	fieldKey = regexp.MustCompile(`^[a-z0-9-]+$`)
)

func (s *system) checkHeaders() error {
	for name, value := range s.Headers {
		lower := strings.ToLower(name)
		switch {
		case !fieldKey.MatchString(lower) || slices.Contains(ours, lower):
			return fmt.Errorf("headers: %s can't be set", name)
		case telling.MatchString(lower) && !isReference(value):
			return fmt.Errorf("headers: the value of %s is a secret: write env:NAME or file:PATH, where it is found", name)
		case !isReference(value) && !sendable(value):
			return fmt.Errorf("headers: %s holds what no header can", name)
		}
	}
	return nil
}

func isReference(value string) bool {
	kind, where, found := strings.Cut(value, ":")
	return found && where != "" && (kind == "env" || kind == "file")
}

// sendable says whether a header may hold a value: one line of text.
func sendable(value string) bool {
	return !strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

// secrets are the headers to send, with the secrets they refer to as they are now. Errors say which one is missing, never a value.
func (s *system) secrets() (http.Header, error) {
	h := http.Header{}
	for name, value := range s.Headers {
		if isReference(value) {
			secret, err := find(value)
			if err != nil {
				return nil, fmt.Errorf("header %s: %w", name, err)
			}
			value = secret
		}
		h.Set(name, value)
	}
	return h, nil
}

func find(reference string) (string, error) {
	kind, where, _ := strings.Cut(reference, ":")
	value := os.Getenv(where)
	if kind == "file" {
		text, err := os.ReadFile(where)
		if err != nil {
			return "", fmt.Errorf("%s can't be read", reference)
		}
		value = strings.TrimRight(string(text), "\r\n")
	}
	if value == "" || !sendable(value) {
		return "", fmt.Errorf("%s isn't set, or is no single line", reference)
	}
	return value, nil
}
