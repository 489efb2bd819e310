package server

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/argon2"
)

// The cost of a password: OWASP's second choice for argon2id, about 30 ms here.
const (
	argonMemory  = 19 * 1024 // KiB
	argonTime    = 2
	argonThreads = 1
	argonKey     = 32
	argonSalt    = 16
)

// passwords hashes and checks passwords, a few at a time: sign-ins can't eat the machine.
type passwords struct {
	slots chan struct{}
	dummy string // checked for people who don't exist, so that they take as long
}

func newPasswords() *passwords {
	return &passwords{slots: make(chan struct{}, max(2, runtime.GOMAXPROCS(0))), dummy: HashPassword(rand.Text())}
}

// HashPassword gives the argon2id hash of a password, in the usual encoding with its parameters and salt.
func HashPassword(password string) string {
	salt := make([]byte, argonSalt)
	_, _ = rand.Read(salt)
	key := argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonThreads, argonKey)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonThreads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// check says whether the password fits the hash. An empty hash never fits, and takes as long.
func (p *passwords) check(ctx context.Context, hash, password string) (bool, error) {
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	if hash == "" {
		fits(p.dummy, password)
		return false, nil
	}
	return fits(hash, password), nil
}

func fits(hash, password string) bool {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false
	}
	var memory, passes uint32
	var threads uint8
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &threads); err != nil || memory > 1<<20 || passes > 16 || passes < 1 || threads < 1 {
		return false
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(want) == 0 {
		return false
	}
	got := argon2.IDKey([]byte(password), salt, passes, memory, threads, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1
}

// How many wrong passwords one address may try for one person, and for how long that counts.
const (
	failuresAllowed = 10
	failureWindow   = 15 * time.Minute
	failuresKept    = 10_000
)

// throttle counts wrong passwords per person and address: a guesser has to wait, the person elsewhere does not.
type throttle struct {
	mu   sync.Mutex
	now  func() time.Time
	seen map[string]failures
}

type failures struct {
	n     int
	until time.Time
}

func newThrottle(now func() time.Time) *throttle {
	return &throttle{now: now, seen: map[string]failures{}}
}

// wait says how long the caller has to wait before the next try; 0: not at all.
func (t *throttle) wait(user, address string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	f, ok := t.seen[user+"\n"+address]
	if left := f.until.Sub(t.now()); ok && f.n >= failuresAllowed && left > 0 {
		return left
	}
	return 0
}

// failed counts a wrong password; right forgets them.
func (t *throttle) failed(user, address string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	f := t.seen[user+"\n"+address]
	if !f.until.After(now) {
		f = failures{until: now.Add(failureWindow)}
	}
	f.n++
	if len(t.seen) >= failuresKept {
		t.forget(now)
	}
	t.seen[user+"\n"+address] = f
}

func (t *throttle) right(user, address string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.seen, user+"\n"+address)
}

// forget makes room: what is over goes, and when nothing is over, anything.
func (t *throttle) forget(now time.Time) {
	for key, f := range t.seen {
		if !f.until.After(now) {
			delete(t.seen, key)
		}
	}
	for key := range t.seen {
		if len(t.seen) < failuresKept {
			return
		}
		delete(t.seen, key)
	}
}
