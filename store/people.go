package store

import (
	"context"

	"github.com/lib/pq"

	"github.com/crmflow/crmflow/process"
)

// User is someone of the company with their account.
type User struct {
	ID         string             `db:"id"`
	Name       JSON[process.Text] `db:"name"`
	Title      JSON[process.Text] `db:"title"`
	Department string             `db:"department"`
	Manager    string             `db:"manager"` // may name somebody who comes later
	Position   string             `db:"position"`
	Email      string             `db:"email"`
	Language   string             `db:"language"`
	Calendar   string             `db:"calendar"`
	Active     bool               `db:"active"`
	Roles      pq.StringArray     `db:"roles"` // "finance", or "finance@north" where it is held for north only
	Password   string             `db:"-"`     // its hash; written when not empty, never read here
}

const userColumns = `u.id, u.name, u.title, coalesce(u.department, '') AS department, coalesce(u.manager, '') AS manager,
	coalesce(u.position, '') AS position, coalesce(u.email, '') AS email, u.language, coalesce(u.calendar, '') AS calendar, u.active,
	` + rolesHeld + ` AS roles`

// Users lists the company's people by id. Words narrow it to ids and names that hold them.
func (db *DB) Users(ctx context.Context, words string, p Page) ([]User, *Place, error) {
	var w where
	if s, searched := searchFor(words); searched {
		if err := s.narrow(ctx, db, &w, `users`, `u`); err != nil {
			return nil, nil, err
		}
		w.conds = append(w.conds, s.each(&w, func(pattern string) string { return `u.text LIKE ` + pattern })...)
	}
	if p.After != nil {
		w.and("u.id > ?", p.After.ID)
	}
	var rows []User
	err := db.Select(ctx, &rows, `SELECT `+userColumns+` FROM users u`+w.sql()+` ORDER BY u.id`+p.limit(), w.args...)
	rows, next := cut(rows, p.Limit, func(u User) Place { return Place{ID: u.ID} })
	return rows, next, err
}

// User reads one person, locked against other changes until the transaction ends; [ErrNotFound] when there is none.
func (tx *Tx) User(ctx context.Context, id string) (User, error) {
	var u User
	err := tx.Get(ctx, &u, `SELECT `+userColumns+` FROM users u WHERE u.id = $1 FOR UPDATE`, id)
	return u, err
}

// AddUser writes a new person with their roles; a [*UniqueError] when the id is taken.
func (tx *Tx) AddUser(ctx context.Context, u User) error {
	_, err := tx.Exec(ctx, `INSERT INTO users (id, name, title, department, manager, position, email, language, calendar, active, password)
		VALUES ($1, $2, $3, nullif($4, ''), nullif($5, ''), nullif($6, ''), nullif($7, ''), $8, nullif($9, ''), $10, nullif($11, ''))`,
		u.ID, u.Name, u.Title, u.Department, u.Manager, u.Position, u.Email, u.Language, u.Calendar, u.Active, u.Password)
	if err != nil {
		return err
	}
	return tx.setRoles(ctx, u)
}

// SetUser writes a person as they are now. Who has left, or has a new password, is signed out everywhere.
func (tx *Tx) SetUser(ctx context.Context, u User) error {
	_, err := tx.Exec(ctx, `UPDATE users SET name = $2, title = $3, department = nullif($4, ''), manager = nullif($5, ''), position = nullif($6, ''),
			email = nullif($7, ''), language = $8, calendar = nullif($9, ''), active = $10, password = coalesce(nullif($11, ''), password), version = version + 1
		WHERE id = $1`,
		u.ID, u.Name, u.Title, u.Department, u.Manager, u.Position, u.Email, u.Language, u.Calendar, u.Active, u.Password)
	if err != nil {
		return err
	}
	if !u.Active || u.Password != "" {
		if _, err := tx.Exec(ctx, `DELETE FROM sessions WHERE user_id = $1`, u.ID); err != nil {
			return err
		}
	}
	return tx.setRoles(ctx, u)
}

// Department is a part of the company.
type Department struct {
	ID       string             `db:"id"`
	Name     JSON[process.Text] `db:"name"`
	Head     string             `db:"head"`
	InCharge string             `db:"in_charge"` // the executive who answers for it; empty: whoever answers for the one above
	Parent   string             `db:"parent"`
	Calendar string             `db:"calendar"`
}

const departmentColumns = `d.id, d.name, coalesce(d.head, '') AS head, coalesce(d.in_charge, '') AS in_charge, coalesce(d.parent, '') AS parent, coalesce(d.calendar, '') AS calendar`

// Departments lists the company's departments by id.
func (db *DB) Departments(ctx context.Context, p Page) ([]Department, *Place, error) {
	var rows []Department
	err := db.Select(ctx, &rows, `SELECT `+departmentColumns+` FROM departments d WHERE ($1::text IS NULL OR d.id > $1) ORDER BY d.id LIMIT $2`, p.id(), p.Limit+1)
	rows, next := cut(rows, p.Limit, func(d Department) Place { return Place{ID: d.ID} })
	return rows, next, err
}

// Department reads one department, locked until the transaction ends; [ErrNotFound] when there is none.
func (tx *Tx) Department(ctx context.Context, id string) (Department, error) {
	var d Department
	err := tx.Get(ctx, &d, `SELECT `+departmentColumns+` FROM departments d WHERE d.id = $1 FOR UPDATE`, id)
	return d, err
}

// AddDepartment writes a new department; a [*UniqueError] when the id is taken.
func (tx *Tx) AddDepartment(ctx context.Context, d Department) error {
	_, err := tx.Exec(ctx, `INSERT INTO departments (id, name, head, parent, calendar, in_charge) VALUES ($1, $2, nullif($3, ''), nullif($4, ''), nullif($5, ''), nullif($6, ''))`,
		d.ID, d.Name, d.Head, d.Parent, d.Calendar, d.InCharge)
	return err
}

// SetDepartment writes a department as it is now.
func (tx *Tx) SetDepartment(ctx context.Context, d Department) error {
	_, err := tx.Exec(ctx, `UPDATE departments SET name = $2, head = nullif($3, ''), parent = nullif($4, ''), calendar = nullif($5, ''), in_charge = nullif($6, '') WHERE id = $1`,
		d.ID, d.Name, d.Head, d.Parent, d.Calendar, d.InCharge)
	return err
}

// Circle is a role or a group: people under one name.
type Circle struct {
	ID      string             `db:"id"`
	Name    JSON[process.Text] `db:"name"`
	Members pq.StringArray     `db:"members"` // user ids, in order; of a role, those who hold it for everything

	Scoped JSON[map[string][]string] `db:"scoped"` // of a role: who holds it for one scope only, by scope
}

// CircleKind says which of the two.
type CircleKind string

// The kinds of circle.
const (
	Roles  CircleKind = "roles"
	Groups CircleKind = "groups"
)

// circleSQL is what differs between the two.
type circleSQL struct{ table, members, column, scoped string }

func (k CircleKind) sql() circleSQL {
	if k == Roles {
		return circleSQL{"roles", "user_roles", "role", scopedHolders}
	}
	return circleSQL{"groups", "group_members", "group_id", `'{}'::jsonb AS scoped`}
}

func (q circleSQL) columns() string {
	return `c.id, c.name, ARRAY(SELECT user_id FROM ` + q.members + ` m WHERE m.` + q.column + ` = c.id ORDER BY user_id) AS members, ` + q.scoped
}

// Circles lists the roles or the groups by id.
func (db *DB) Circles(ctx context.Context, k CircleKind, p Page) ([]Circle, *Place, error) {
	var rows []Circle
	q := k.sql()
	err := db.Select(ctx, &rows, `SELECT `+q.columns()+` FROM `+q.table+` c WHERE ($1::text IS NULL OR c.id > $1) ORDER BY c.id LIMIT $2`, p.id(), p.Limit+1)
	rows, next := cut(rows, p.Limit, func(c Circle) Place { return Place{ID: c.ID} })
	return rows, next, err
}

// Circle reads one role or group, locked until the transaction ends; [ErrNotFound] when there is none.
func (tx *Tx) Circle(ctx context.Context, k CircleKind, id string) (Circle, error) {
	var c Circle
	q := k.sql()
	err := tx.Get(ctx, &c, `SELECT `+q.columns()+` FROM `+q.table+` c WHERE c.id = $1 FOR UPDATE`, id)
	return c, err
}

// AddCircle writes a new role or group with its members; a [*UniqueError] when the id is taken.
func (tx *Tx) AddCircle(ctx context.Context, k CircleKind, c Circle) error {
	if _, err := tx.Exec(ctx, `INSERT INTO `+k.sql().table+` (id, name) VALUES ($1, $2)`, c.ID, c.Name); err != nil {
		return err
	}
	return tx.setMembers(ctx, k, c)
}

// SetCircle writes a role or group as it is now, members and all.
func (tx *Tx) SetCircle(ctx context.Context, k CircleKind, c Circle) error {
	if _, err := tx.Exec(ctx, `UPDATE `+k.sql().table+` SET name = $2 WHERE id = $1`, c.ID, c.Name); err != nil {
		return err
	}
	return tx.setMembers(ctx, k, c)
}

func (tx *Tx) setMembers(ctx context.Context, k CircleKind, c Circle) error {
	q := k.sql()
	members := pq.Array(append([]string{}, c.Members...)) // never null
	if _, err := tx.Exec(ctx, `DELETE FROM `+q.members+` WHERE `+q.column+` = $1 AND NOT user_id = ANY ($2)`, c.ID, members); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO `+q.members+` (`+q.column+`, user_id) SELECT DISTINCT $1, unnest($2::text[]) ON CONFLICT DO NOTHING`, c.ID, members)
	if err != nil || k != Roles {
		return err
	}
	return tx.setScoped(ctx, c)
}

// Missing gives those of the ids that aren't in a table of the directory: "users", "roles", "departments" or "calendars".
func (tx *Tx) Missing(ctx context.Context, table string, ids []string) ([]string, error) {
	from := map[string]string{
		"users": `users`, "roles": `roles`, "departments": `departments`,
		"calendars": `(SELECT id FROM definitions_current WHERE kind = 'calendar')`,
	}[table]
	missing := []string{}
	err := tx.Select(ctx, &missing, `SELECT wanted FROM unnest($1::text[]) wanted WHERE NOT EXISTS (SELECT 1 FROM `+from+` t WHERE t.id = wanted) ORDER BY wanted`, pq.Array(append([]string{}, ids...)))
	return missing, err
}

// Administrators counts the active people who may sign in as administrator.
func (tx *Tx) Administrators(ctx context.Context) (n int, err error) {
	err = tx.Get(ctx, &n, `SELECT count(*) FROM users u JOIN user_roles r ON r.user_id = u.id AND r.role = 'administrator' WHERE u.active AND u.password IS NOT NULL`)
	return n, err
}
