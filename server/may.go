package server

import (
	"context"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// Roles with rights of their own, whatever a document says.
const (
	roleAdministrator = "administrator"
	roleProcessOwner  = "process-owner"
	roleIntegrator    = "integrator"
)

// rule says who may call a route. The zero rule lets nobody in: a route that forgot its rule is closed.
type rule string

// The rules. What of records and cases a document of rights decides about goes by that, the rest by the built-in rule: docs/decisions/0003 and 0020.
const (
	anyone         rule = "anyone"
	signedIn       rule = "signed in"
	administrators rule = "administrators"
	processOwners  rule = "administrators and process owners"
	integrators    rule = "administrators and integrators"
	seesRecord     rule = "who may see the record"
	changesRecord  rule = "who may change the record"
	createsRecord  rule = "who may make records of the type"
	seesCase       rule = "who may see the case"
	seesTask       rule = "who may see the task"
	seesFile       rule = "who may see a field of a record that holds the file, or has held it, or a case where it stands in a comment; until then, who uploaded it"
	ownImport      rule = "who made the import, and administrators"
	ownAbsence     rule = "whose absence it is, and administrators"
	listsVisible   rule = "signed in; the list holds what the caller may see"
	engineDecides  rule = "signed in; the engine decides by the definition"
)

// object is what a request is about: ids out of its path.
type object struct{ sort, id string }

// may is the one place that decides who may call what. A no is a refusal in words; what may not be seen isn't there.
func (s *Server) may(ctx context.Context, r rule, about object) error {
	v := visitOf(ctx)
	if r == anyone {
		return nil
	}
	if v.who == nil {
		return process.Refuse(codeUnauthenticated, "请先登录。", "Please sign in first.")
	}
	switch r {
	case signedIn, listsVisible, engineDecides:
		return nil
	case administrators:
		return allowed(v.admin(), "只有管理员可以。", "Only an administrator may.")
	case processOwners:
		return allowed(v.admin() || v.who.Has(roleProcessOwner), "只有管理员或流程负责人可以。", "Only an administrator or a process owner may.")
	case ownAbsence:
		a, err := s.db.Absence(ctx, about.id)
		if err != nil {
			return err
		}
		return allowed(a.User == v.user() || v.admin(), "只有本人或管理员可以修改。", "Only the person themselves or an administrator may change it.")
	case integrators:
		return allowed(v.admin() || v.who.Has(roleIntegrator), "只有管理员或集成账号（角色 integrator）可以。", "Only an administrator or an integrator may.")
	case createsRecord:
		return s.mayCreate(ctx, v, about.sort)
	case ownImport:
		return s.maySeeImport(ctx, v, about.id)
	case seesFile:
		return s.maySeeFile(ctx, v, about.id)
	case seesRecord, changesRecord, seesCase, seesTask:
		return s.maySee(ctx, v, r, about)
	}
	return allowed(false, "此接口没有开放给任何人。", "This call is open to nobody.")
}

func allowed(yes bool, zh, en string) error {
	if yes {
		return nil
	}
	return process.Refuse(process.CodeForbidden, zh, en)
}

// maySee decides about one record, case or task. What the caller may not see is not found.
func (s *Server) maySee(ctx context.Context, v *visit, r rule, about object) error {
	var seen bool
	var err error
	var sight process.Sight
	switch r {
	case seesRecord, changesRecord:
		sight, err = s.sight(ctx, v, about.sort, about.id)
		seen = sight.See
	case seesCase:
		seen, err = s.db.SeesCase(ctx, v.viewer(), about.id)
	case seesTask:
		seen, err = s.db.SeesTask(ctx, v.viewer(), about.id)
	}
	if err != nil {
		return err
	}
	if !seen {
		return notFound()
	}
	if r != changesRecord {
		return nil
	}
	return allowed(sight.Change, "您可以查看、但不能修改这条记录。", "You may look at this record, but not change it.")
}

// mayCreate decides who may make a record of a type.
func (s *Server) mayCreate(ctx context.Context, v *visit, sort string) error {
	library, err := s.engine.LibraryAt(ctx, v.who.Revision)
	if err != nil {
		return err
	}
	if library.Types[sort] == nil {
		return process.Refuse(process.CodeNotFound, "没有这种记录："+sort, "there is no record type "+sort)
	}
	return allowed(v.creates(library, sort), "您不能新建这类记录。", "You may not make records of this type.")
}

// viewer is the caller as lists see it.
func (v *visit) viewer() store.Viewer {
	return store.Viewer{User: v.user(), Principals: v.who.Principals(), All: v.admin(), Access: v.access}
}

// mayStart says whether the caller may start a process: by its chain, or by a grant.
func (v *visit) mayStart(p *process.Process) bool {
	if v.access.Starts(p.ID) {
		return true
	}
	for _, p := range p.Start.By {
		if v.who.Is(p) {
			return true
		}
	}
	return false
}
