package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"github.com/lib/pq"

	"github.com/crmflow/crmflow/process"
)

// Kinds of a session row.
const (
	SessionCookie = "session" // a browser's
	SessionBearer = "token"   // a program's, in the Authorization header
)

// Caller is who sent a request: the person behind a session's token, with all that rights are decided by.
type Caller struct {
	ID         string             `db:"id"`
	Name       JSON[process.Text] `db:"name"`
	Title      JSON[process.Text] `db:"title"`
	Department string             `db:"department"`
	Manager    string             `db:"manager"`
	Position   string             `db:"position"`
	Email      string             `db:"email"`
	Language   string             `db:"language"`
	Roles      pq.StringArray     `db:"roles"` // as in [User]
	Groups     pq.StringArray     `db:"groups"`
	Kind       string             `db:"kind"` // SessionCookie or SessionBearer
	Expires    time.Time          `db:"expires_real"`
	Revision   int64              `db:"revision"` // of what is published now, and with it of the rights
}

// Has says whether the caller has a role, for everything.
func (c *Caller) Has(role string) bool { return slices.Contains(c.Roles, role) }

// Principals are all the principals that the caller is one of, as tasks' candidates name them.
func (c *Caller) Principals() []string {
	if c == nil {
		return nil
	}
	out := []string{"user:" + c.ID}
	for _, r := range c.Roles {
		for _, p := range process.RolePrincipals(r) {
			if !slices.Contains(out, string(p)) {
				out = append(out, string(p))
			}
		}
	}
	for _, g := range c.Groups {
		out = append(out, "group:"+g)
	}
	if c.Department != "" {
		out = append(out, "department:"+c.Department)
	}
	if c.Position != "" {
		out = append(out, "position:"+c.Position)
	}
	return out
}

// Is says whether the caller is one of a principal.
func (c *Caller) Is(p process.Principal) bool {
	return slices.Contains(c.Principals(), string(p))
}

// Session is a token's row as its owner may see it. The token itself is kept only as a hash.
type Session struct {
	ID      string    `db:"id"`
	User    string    `db:"user_id"`
	Kind    string    `db:"kind"`
	Created time.Time `db:"created_real"`
	Expires time.Time `db:"expires_real"`
}

// NewSession makes a token for a person, valid for a while of real time, and gives it in clear, once.
func (db *DB) NewSession(ctx context.Context, user, kind string, valid time.Duration) (token string, s Session, err error) {
	token = rand.Text() + rand.Text()
	hash := hashToken(token)
	err = db.Get(ctx, &s, `INSERT INTO sessions (token_hash, user_id, kind, created_real, expires_real)
			VALUES ($1, $2, $3, now(), now() + $4 * interval '1 second')
			RETURNING encode(substr(token_hash, 1, 8), 'hex') AS id, user_id, kind, created_real, expires_real`,
		hash, user, kind, valid.Seconds())
	return token, s, err
}

// callerColumns are those of a [Caller], of a user aliased u and a session s.
const callerColumns = `u.id, u.name, u.title, coalesce(u.department, '') AS department, coalesce(u.manager, '') AS manager,
	coalesce(u.position, '') AS position, coalesce(u.email, '') AS email, u.language, s.kind, s.expires_real,
	` + rolesHeld + ` AS roles,
	ARRAY(SELECT group_id FROM group_members WHERE user_id = u.id ORDER BY group_id) AS groups, (SELECT revision FROM library) AS revision`

// Caller finds who a token stands for, in one statement; [ErrNotFound] when it is unknown, expired, or its person has left.
func (db *DB) Caller(ctx context.Context, token string) (*Caller, error) {
	var c Caller
	err := db.Get(ctx, &c, `SELECT `+callerColumns+` FROM sessions s JOIN users u ON u.id = s.user_id
		WHERE s.token_hash = $1 AND s.expires_real > now() AND u.active`, hashToken(token))
	if err != nil {
		return nil, err
	}
	return &c, nil
}

// EndSession forgets a token. An unknown one is already forgotten.
func (db *DB) EndSession(ctx context.Context, token string) error {
	_, err := db.Exec(ctx, `DELETE FROM sessions WHERE token_hash = $1`, hashToken(token))
	return err
}

// EndToken forgets a person's own bearer token by its id; [ErrNotFound] when they have none such.
func (db *DB) EndToken(ctx context.Context, user, id string) error {
	hash, err := hex.DecodeString(id)
	if err != nil {
		return ErrNotFound
	}
	n, err := db.Exec(ctx, `DELETE FROM sessions WHERE user_id = $1 AND kind = $2 AND substr(token_hash, 1, 8) = $3`, user, SessionBearer, hash)
	if err == nil && n == 0 {
		return ErrNotFound
	}
	return err
}

// SetLanguage changes the language that a person is told in.
func (db *DB) SetLanguage(ctx context.Context, user, language string) error {
	_, err := db.Exec(ctx, `UPDATE users SET language = $2, version = version + 1 WHERE id = $1 AND language <> $2`, user, language)
	return err
}

// ChangePassword replaces the hash of an active person's password, if it is still old, and signs them out everywhere but where token is.
func (db *DB) ChangePassword(ctx context.Context, user, old, hash, token string) (changed bool, err error) {
	err = db.Tx(ctx, func(tx *Tx) error {
		n, err := tx.Exec(ctx, `UPDATE users SET password = $3, version = version + 1 WHERE id = $1 AND password = $2 AND active`, user, old, hash)
		if changed = n > 0; err != nil || !changed {
			return err
		}
		_, err = tx.Exec(ctx, `DELETE FROM sessions WHERE user_id = $1 AND token_hash <> $2`, user, hashToken(token))
		return err
	})
	return changed, err
}

func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
