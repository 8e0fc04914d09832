package neon

import (
	"context"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/loose"
)

// compute is the part of the schema Endpoint that is shown. One compute unit (CU) is about 4 GB of memory.
type compute struct {
	ID           loose.Text
	Host         loose.Text
	BranchID     loose.Text `json:"branch_id"`
	RegionID     loose.Text `json:"region_id"`
	Type         loose.Text
	CurrentState loose.Text   `json:"current_state"`
	PendingState loose.Text   `json:"pending_state"`
	MinCU        loose.Number `json:"autoscaling_limit_min_cu"`
	MaxCU        loose.Number `json:"autoscaling_limit_max_cu"`
	Suspend      loose.Number `json:"suspend_timeout_seconds"` // 0 = the default of 300, -1 = never
	Disabled     loose.Flag
	LastActive   loose.Time `json:"last_active"`
	StartedAt    loose.Time `json:"started_at"`
	SuspendedAt  loose.Time `json:"suspended_at"`
	CreatedAt    loose.Time `json:"created_at"`
}

func (d *driver) computes(ctx context.Context, q cloud.Query, p *project, plan string) part {
	all := listing[compute]{
		op: "list computes of " + string(p.ID), path: p.path("/endpoints"), field: "endpoints",
		is: func(c *compute) bool { return c.ID != "" },
	}
	got, err := all.read(ctx, d)
	return partOf(got, err, func(c *compute) cloud.Resource { return c.resource(q, p, plan, d.now()) })
}

func (c *compute) resource(q cloud.Query, p *project, plan string, now time.Time) cloud.Resource {
	r := cloud.Resource{
		Provider: name, Account: q.Scope.Account, Region: string(c.RegionID), Service: computes, Type: string(c.Type),
		ID: string(c.ID), Name: string(p.Name + "/" + c.ID), Status: c.status(), NativeStatus: string(c.CurrentState),
		CreatedAt: c.CreatedAt.Time, Cost: c.price(plan, now),
	}
	if r.Region == "" {
		r.Region = string(p.RegionID)
	}
	var a provider.Attrs
	a.Add("project", p.ID)
	a.Add("branch", c.BranchID)
	a.Add("host", c.Host)
	a.Add("pending_state", c.PendingState)
	a.Add("min_cu", c.MinCU)
	a.Add("max_cu", c.MaxCU)
	a.Add("suspends_after", loose.Text(c.suspends()))
	if c.Disabled.Value {
		a.Add("disabled", true)
	}
	a.Add("last_active_at", c.LastActive)
	a.Add("started_at", c.StartedAt)
	a.Add("suspended_at", c.SuspendedAt)
	r.Attrs = a
	return r
}

// suspends says after how long without a connection the compute is suspended, "" where that is not told.
func (c *compute) suspends() string {
	const usual = 300 * time.Second
	switch {
	case !c.Suspend.Known:
		return ""
	case c.Suspend.Value < 0:
		return "never"
	case c.Suspend.Value == 0:
		return usual.String()
	}
	return (time.Duration(c.Suspend.Value) * time.Second).String()
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
// Where a monthly fee includes hours, the next one costs nothing or its full price.
func (c *compute) price(plan string, now time.Time) *cloud.Price {
	t, ok := tariffOf(plan)
	if !ok || !c.MinCU.Known || !c.MaxCU.Known {
		return nil
	}
	p := &cloud.Price{Currency: "USD", Source: t.source, At: now}
	if c.CurrentState == "active" {
		p.Low, p.High = c.MinCU.Value*t.hour, c.MaxCU.Value*t.hour
	}
	if t.legacy {
		p.Low = 0
	}
	return p
}
