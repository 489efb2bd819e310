package definitions

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Password signs in everyone of the sample company. It exists for `crmflow dev` only.
const Password = "crmflow-demo"

// Text is a name or a title in the two languages.
type Text struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// Company is the sample company, a maker of pumps. A sales manager also sells: she has the role sales beside sales-manager, and her own leads go
// to the director. It is JSON, so that `crmflow definitions check definitions` finds definitions only.
type Company struct {
	Name        Text         `json:"name"`
	Zone        string       `json:"zone"` // IANA name, for example Asia/Shanghai
	Departments []Department `json:"departments"`
	Roles       []Role       `json:"roles"`
	Groups      []Group      `json:"groups"`
	Users       []User       `json:"users"`
}

// Department is a part of the company. Parents stand before their children; only the top has none.
type Department struct {
	ID       string `json:"id"`
	Name     Text   `json:"name"`
	Head     string `json:"head"`      // a user's id
	InCharge string `json:"in_charge"` // the executive who answers for it; empty: whoever answers for the one above
	Parent   string `json:"parent"`
}

// Role is what people are allowed and asked to do.
type Role struct {
	ID   string `json:"id"`
	Name Text   `json:"name"`
}

// Group is a named set of people.
type Group struct {
	ID      string   `json:"id"`
	Name    Text     `json:"name"`
	Members []string `json:"members"`
}

// User is someone of the company. Everyone but the general manager has a manager, who stands before them in the list.
type User struct {
	ID         string   `json:"id"`
	Name       Text     `json:"name"`
	Title      Text     `json:"title"`
	Department string   `json:"department"`
	Manager    string   `json:"manager"`
	Position   string   `json:"position"`
	Roles      []string `json:"roles"`
	Email      string   `json:"email"`
	Language   string   `json:"language"` // zh or en
}

// Lead is a lead of the sample company, its people and numbers invented: the fields of record type lead that a salesperson knows at the first contact.
type Lead struct {
	Company string `json:"company"`
	Contact string `json:"contact"`
	Phone   string `json:"phone"`
	Source  string `json:"source"`
	Need    string `json:"need"`
	Owner   string `json:"owner"`
}

// LoadCompany reads the sample company.
func LoadCompany() (Company, error) {
	var company Company
	err := decode("company.json", &company)
	return company, err
}

// LoadLeads reads the leads of the sample company.
func LoadLeads() ([]Lead, error) {
	var file struct {
		Leads []Lead `json:"leads"`
	}
	err := decode("leads.json", &file)
	return file.Leads, err
}

// decode reads a shipped file strictly: an unknown key is an error.
func decode(path string, into any) error {
	content, err := FS.ReadFile(path)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
