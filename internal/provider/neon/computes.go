package neon

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

// compute is the part of the schema Endpoint that is shown. One compute unit (CU) is about 4 GB of memory.
type compute struct {
	ID           string
	Host         string
	BranchID     string `json:"branch_id"`
	RegionID     string `json:"region_id"`
	Type         string
	CurrentState string   `json:"current_state"`
	PendingState string   `json:"pending_state"`
	MinCU        *float64 `json:"autoscaling_limit_min_cu"`
	MaxCU        *float64 `json:"autoscaling_limit_max_cu"`
	Suspend      *float64 `json:"suspend_timeout_seconds"` // 0 = the default of 300, -1 = never
	Disabled     bool
	LastActive   *time.Time `json:"last_active"`
	StartedAt    *time.Time `json:"started_at"`
	SuspendedAt  *time.Time `json:"suspended_at"`
	CreatedAt    time.Time  `json:"created_at"`
}

func (d *driver) computes(ctx context.Context, q cloud.Query, p *project, plan string) part {
	var answer struct{ Endpoints []compute }
	_, err := d.api.Get(ctx, "list computes of "+p.ID, "/projects/"+url.PathEscape(p.ID)+"/endpoints", nil, &answer)
	out := part{err: err}
	for i := range answer.Endpoints {
		out.resources = append(out.resources, answer.Endpoints[i].resource(q, p, plan, d.now()))
	}
	return out
}

func (c *compute) resource(q cloud.Query, p *project, plan string, now time.Time) cloud.Resource {
	r := cloud.Resource{
		Provider: name, Account: q.Scope.Account, Region: c.RegionID, Service: computes, Type: c.Type, ID: c.ID,
		Name: p.Name + "/" + c.ID, Status: c.status(), NativeStatus: c.CurrentState, CreatedAt: c.CreatedAt.UTC(),
		Cost: c.price(plan, now),
	}
	var a attrs
	a.text("project", p.ID)
	a.text("branch", c.BranchID)
	a.text("host", c.Host)
	a.text("pending_state", c.PendingState)
	a.number("min_cu", c.MinCU)
	a.number("max_cu", c.MaxCU)
	switch {
	case c.Suspend == nil:
	case *c.Suspend < 0:
		a.text("suspends_after", "never")
	case *c.Suspend == 0:
		a.text("suspends_after", "5m0s")
	default:
		a.text("suspends_after", (time.Duration(*c.Suspend) * time.Second).String())
	}
	if c.Disabled {
		a.add("disabled", true)
	}
	a.moment("last_active_at", c.LastActive)
	a.moment("started_at", c.StartedAt)
	a.moment("suspended_at", c.SuspendedAt)
	r.Attrs = a
	return r
}

// status maps the schema EndpointState: init, active, idle. An idle compute is suspended and wakes on a connection.
func (c *compute) status() cloud.Status {
	switch {
	case c.CurrentState == "active" && c.PendingState == "idle":
		return cloud.StatusStopping
	case c.CurrentState == "active":
		return cloud.StatusRunning
	case c.CurrentState == "init", c.PendingState == "active":
		return cloud.StatusStarting
	case c.CurrentState == "idle":
		return cloud.StatusStopped
	}
	return cloud.StatusUnknown
}

// price is the range between the smallest and the largest size of an active compute; a suspended one costs nothing.
func (c *compute) price(plan string, now time.Time) *cloud.Price {
	rate, ok := computeRate(plan)
	if !ok || c.MinCU == nil || c.MaxCU == nil {
		return nil
	}
	p := &cloud.Price{Currency: "USD", Source: priceSource, At: now}
	if c.CurrentState == "active" {
		p.Low, p.High = *c.MinCU*rate, *c.MaxCU*rate
	}
	return p
}

const priceSource = "published prices 2026-03-20"

// Published prices (neon.com/docs/introduction/plans, 2026-03-20), USD.
const (
	storagePerGBMonth = 0.35
	historyPerGBMonth = 0.20
	transferPerGB     = 0.10
	transferFreeGB    = 100
	branchPerMonth    = 1.50
)

// computeRate returns the price of a CU-hour on a plan, in USD; false where it is not published.
func computeRate(plan string) (rate float64, ok bool) {
	switch {
	case strings.HasPrefix(plan, "free"):
		return 0, true
	case strings.HasPrefix(plan, "launch"):
		return 0.106, true
	case strings.HasPrefix(plan, "scale"):
		return 0.222, true
	}
	return 0, false
}
