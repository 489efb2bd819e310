package server

import (
	"context"
	"net/http"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// departmentBody is a part of the company.
type departmentBody struct {
	ID       string         `json:"id"`
	Name     string         `json:"name"`
	Head     *string        `json:"head"`
	InCharge *string        `json:"in_charge" doc:"The executive who answers for it (分管领导); without one, whoever answers for the nearest department above that has one"`
	Parent   *string        `json:"parent"`
	Texts    nameInLanguage `json:"texts"`
}

// nameInLanguage is a name in each language.
type nameInLanguage struct {
	Name process.Text `json:"name"`
}

func (v *visit) department(d store.Department) departmentBody {
	return departmentBody{ID: d.ID, Name: v.text(d.Name.V), Head: orNil(d.Head), InCharge: orNil(d.InCharge), Parent: orNil(d.Parent), Texts: nameInLanguage{d.Name.V}}
}

// departmentInput is a department as sent. What a change leaves out stays as it is; an empty text empties it.
type departmentInput struct {
	ID       string  `json:"id,omitempty" pattern:"^([A-Za-z0-9][A-Za-z0-9._-]{0,63})?$"`
	Name     *words  `json:"name,omitempty"`
	Head     *string `json:"head,omitempty" maxLength:"64" doc:"A user id; the person may come later"`
	InCharge *string `json:"in_charge,omitempty" maxLength:"64" doc:"A user id: the executive who answers for it; may come later"`
	Parent   *string `json:"parent,omitempty" maxLength:"64" doc:"A department that is there already"`
	Calendar *string `json:"calendar,omitempty" maxLength:"64" doc:"The department's own working calendar"`
}

func (in departmentInput) onto(d *store.Department) {
	if in.Name != nil {
		d.Name = store.Of(in.Name.Text)
	}
	set(&d.Head, in.Head)
	set(&d.InCharge, in.InCharge)
	set(&d.Parent, in.Parent)
	set(&d.Calendar, in.Calendar)
}

type departmentOutput struct{ Body departmentBody }

func (s *Server) listDepartments(ctx context.Context, v *visit, in *PageInput) (*struct{ Body list[departmentBody] }, error) {
	page, err := in.page("departments")
	if err != nil {
		return nil, err
	}
	rows, next, err := s.db.Departments(ctx, page)
	if err != nil {
		return nil, err
	}
	return &struct{ Body list[departmentBody] }{listOf("departments", rows, next, v.department)}, nil
}

func (s *Server) createDepartment(ctx context.Context, v *visit, in *struct {
	Keyed
	Body departmentInput
}) (*departmentOutput, error) {
	if err := required("id", in.Body.ID, in.Body.Name); err != nil {
		return nil, err
	}
	d := store.Department{ID: in.Body.ID}
	in.Body.onto(&d)
	d, err := once(ctx, s, v.request(http.MethodPost, "/departments", in.Keyed), func(tx *store.Tx) (store.Department, error) {
		if err := in.Body.sound(ctx, tx); err != nil {
			return d, err
		}
		return d, added(tx.AddDepartment(ctx, d))
	})
	if err != nil {
		return nil, err
	}
	return &departmentOutput{v.department(d)}, nil
}

func (s *Server) changeDepartment(ctx context.Context, v *visit, in *struct {
	IDInput
	Body departmentInput
}) (*departmentOutput, error) {
	if in.Body.ID != "" && in.Body.ID != in.ID {
		return nil, fieldInvalid("id", "编号不能修改", "an id can't be changed")
	}
	d, err := once(ctx, s, engine.Request{}, func(tx *store.Tx) (store.Department, error) {
		d, err := tx.Department(ctx, in.ID)
		if err != nil {
			return d, err
		}
		in.Body.onto(&d)
		if err := in.Body.sound(ctx, tx); err != nil {
			return d, err
		}
		if err := tx.SetDepartment(ctx, d); err != nil {
			return d, err
		}
		return d, in.Body.noCircle(ctx, tx, d.ID)
	})
	if err != nil {
		return nil, err
	}
	return &departmentOutput{v.department(d)}, nil
}
