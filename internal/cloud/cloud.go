// Package cloud holds the nouns of cloudtop: what a cloud account contains, how it is measured, priced and
// rented, and what can go wrong while asking. It knows no provider and does no I/O.
package cloud

import "time"

// Class is a kind of service that users can ask for across providers (--service).
type Class string

// The classes of service.
const (
	Compute    Class = "compute"
	Containers Class = "containers"
	Functions  Class = "functions"
	Database   Class = "database"
	Storage    Class = "storage"
	AI         Class = "ai"
	GPUs       Class = "gpu"
)

// Classes lists every class in the order in which they are shown.
func Classes() []Class {
	return []Class{Compute, Containers, Functions, Database, Storage, AI, GPUs}
}

// Status is a resource's state in cloudtop's words; the provider's own word is Resource.NativeStatus.
type Status string

// The states every provider's words are mapped to. What has no run state (a bucket, a script) is StatusUnknown.
const (
	StatusRunning  Status = "running"
	StatusStopped  Status = "stopped"
	StatusStarting Status = "starting"
	StatusStopping Status = "stopping"
	StatusFailed   Status = "failed"
	StatusDeleted  Status = "deleted"
	StatusUnknown  Status = "unknown"
)

// Statuses lists every status in the order in which they are shown.
func Statuses() []Status {
	return []Status{
		StatusRunning, StatusStarting, StatusStopping, StatusStopped, StatusFailed, StatusDeleted, StatusUnknown,
	}
}

// Scope is one place that is listed by itself: an account, in one region, in one compartment.
type Scope struct {
	Account     string // the provider's own account, tenancy, subscription or project; never empty
	AccountName string // what people call the account; may be empty
	Region      string // empty where the service is global
	Compartment string // a part of an account with permissions of its own (OCI); empty elsewhere
}

// Query asks for the resources of one service in one scope.
type Query struct {
	Scope   Scope
	Service string // the Spec's service name
}

// Ref identifies a resource.
type Ref struct {
	Provider    string
	Account     string
	Region      string
	Compartment string
	Service     string
	Type        string
	ID          string // unique within provider and account
	GPU         bool   // the resource has at least one GPU
}

// Resource is one thing in a cloud account. Zero fields are unknown, not empty.
type Resource struct {
	Provider     string
	Account      string
	Region       string
	Compartment  string
	Service      string
	Type         string // what it is within the service: instance, cluster, bucket, branch ...
	ID           string
	Name         string
	Status       Status
	NativeStatus string
	CreatedAt    time.Time
	Tags         []Tag
	GPU          *GPU
	Attrs        []Attr // what the provider says beyond the common fields, in a fixed order
	Metrics      []Metric
	Cost         *Price
}

// Ref returns the resource's identity.
func (r *Resource) Ref() Ref {
	return Ref{
		Provider: r.Provider, Account: r.Account, Region: r.Region, Compartment: r.Compartment,
		Service: r.Service, Type: r.Type, ID: r.ID, GPU: r.GPU != nil,
	}
}

// Tag is a label that a user put on a resource.
type Tag struct{ Key, Value string }

// Attr is a fact about a resource that only its provider knows. Value is a string, bool, int, int64, float64,
// time.Time or a slice of strings. The name carries the unit: disk_size_gb, memory_gb, idle_timeout_seconds.
type Attr struct {
	Name  string
	Value any
}

// Attr returns the value of the named attribute, nil where the resource has none.
func (r *Resource) Attr(name string) any {
	for i := range r.Attrs {
		if r.Attrs[i].Name == name {
			return r.Attrs[i].Value
		}
	}
	return nil
}

// GPU describes the accelerators of a resource.
type GPU struct {
	Type     string  // the name people use: "RTX 4090", "H100 SXM"
	Count    float64 // may be a fraction of a card; 0 = unknown
	MemoryGB float64 // per card; 0 = unknown
}

// Identity says whom a provider takes us for.
type Identity struct {
	Account string // the account, tenancy or organisation
	User    string // the user, token or key; never its secret
	Detail  string // plan, token expiry and the like; may be empty
}
