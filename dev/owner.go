package dev

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// longestSocketDir leaves room for "/.s.PGSQL.5432.lock" in the 103 bytes that macOS allows; Linux allows 107.
const longestSocketDir = 103 - len("/.s.PGSQL.5432.lock")

// owner is the user that PostgreSQL runs as. PostgreSQL refuses to run as root.
type owner struct {
	uid, gid uint32
	drop     bool // we are root and have to become this user
}

// findOwner decides who runs the cluster in dir: ourselves, or for root the user that the directory belongs to,
// else postgres, else nobody.
func findOwner(dir string) (*owner, error) {
	me := &owner{uid: uint32(os.Geteuid()), gid: uint32(os.Getegid())}
	info, err := os.Stat(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	exists := err == nil
	if me.uid != 0 {
		if exists && statOf(info).Uid != me.uid {
			return nil, fmt.Errorf("%s belongs to %s: start as that user, or use another --data", dir, userName(statOf(info).Uid))
		}
		return me, nil
	}
	if exists && statOf(info).Uid != 0 {
		return &owner{uid: statOf(info).Uid, gid: statOf(info).Gid, drop: true}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, _ := strconv.ParseUint(u.Uid, 10, 32) // numeric on every system that we run on
		gid, _ := strconv.ParseUint(u.Gid, 10, 32)
		return &owner{uid: uint32(uid), gid: uint32(gid), drop: true}, nil
	}
	return nil, errors.New("PostgreSQL does not run as root, and this system has neither a user postgres nor nobody: start as an ordinary user")
}

// give makes path the owner's.
func (o *owner) give(path string) error {
	if !o.drop {
		return nil
	}
	return os.Chown(path, int(o.uid), int(o.gid))
}

// makeSocketDir creates the socket's directory, which only its owner may enter.
func (o *owner) makeSocketDir(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	if err := o.give(dir); err != nil {
		return err
	}
	if !o.mayUse(dir) {
		return fmt.Errorf("%s is not a private directory of the user that runs PostgreSQL; remove it", dir)
	}
	return nil
}

// mayUse reports whether dir is a directory of the owner's own, or not there yet.
func (o *owner) mayUse(dir string) bool {
	info, err := os.Lstat(dir)
	if errors.Is(err, os.ErrNotExist) {
		return true
	}
	return err == nil && info.IsDir() && info.Mode().Perm() == 0o700 && statOf(info).Uid == o.uid
}

// socketDir chooses a short directory for the socket, the same one for the same data directory. It lies outside the
// data directory: paths of sockets are limited to about a hundred bytes, and the owner has to reach it by name.
func socketDir(dataDir string, o *owner) (string, error) {
	sum := sha256.Sum256([]byte(dataDir))
	name := "crmflow-" + strconv.Itoa(int(o.uid)) + "-" + hex.EncodeToString(sum[:5])
	for _, parent := range []string{os.TempDir(), "/tmp", "/run", "/var/run"} {
		for _, suffix := range []string{"", "-1", "-2", "-3"} {
			dir := filepath.Join(parent, name+suffix)
			if len(dir) <= longestSocketDir && plain(dir) && o.reaches(parent) && o.mayUse(dir) {
				return dir, nil
			}
		}
	}
	return "", errors.New("no directory for PostgreSQL's socket: neither TMPDIR nor /tmp can be used; set TMPDIR to a short directory that every user may enter")
}

// plain says that a path needs no quoting in PostgreSQL's list of socket directories.
func plain(path string) bool {
	const safe = "/-_.0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	return !strings.ContainsFunc(path, func(r rune) bool { return !strings.ContainsRune(safe, r) })
}

// reaches reports whether the owner can enter dir through all its parents and, without root, create files in it.
func (o *owner) reaches(dir string) bool {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return false
	}
	if !o.drop {
		return syscall.Access(real, 3) == nil // write and enter
	}
	for at := real; ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		if err != nil || info.Mode().Perm()&0o001 == 0 && statOf(info).Uid != o.uid {
			return false
		}
		if at == filepath.Dir(at) {
			return true
		}
	}
}

func statOf(info os.FileInfo) *syscall.Stat_t { return info.Sys().(*syscall.Stat_t) }

func userName(uid uint32) string {
	text := strconv.FormatUint(uint64(uid), 10)
	if u, err := user.LookupId(text); err == nil {
		return u.Username
	}
	return "user " + text
}
