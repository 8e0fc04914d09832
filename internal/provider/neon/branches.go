package neon

import (
	"context"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// branch is the part of the schema Branch that is shown.
type branch struct {
	ID           provider.Text
	Name         provider.Text
	ParentID     provider.Text `json:"parent_id"`
	CurrentState provider.Text `json:"current_state"`
	PendingState provider.Text `json:"pending_state"`
	Default      provider.Flag
	Protected    provider.Flag
	LogicalSize  provider.Number `json:"logical_size"`        // bytes; absent while it is not measured
	ActiveTime   provider.Number `json:"active_time_seconds"` // of the billing period
	ComputeTime  provider.Number `json:"compute_time_seconds"`
	WrittenData  provider.Number `json:"written_data_bytes"`
	DataTransfer provider.Number `json:"data_transfer_bytes"`
	ExpiresAt    provider.Moment `json:"expires_at"`
	CreatedAt    provider.Moment `json:"created_at"`
}

const branchesPage = 1000

func (d *driver) branches(ctx context.Context, q cloud.Query, p *project) part {
	all := listing[branch]{
		op: "list branches of " + string(p.ID), path: p.path("/branches"), field: "branches", size: branchesPage,
		is: func(b *branch) bool { return b.ID != "" },
	}
	got, err := all.read(ctx, d)
	return partOf(got, err, func(b *branch) cloud.Resource { return b.resource(q, p, d.now()) })
}

func (b *branch) resource(q cloud.Query, p *project, now time.Time) cloud.Resource {
	r := cloud.Resource{
		Provider: name, Account: q.Scope.Account, Region: string(p.RegionID), Service: branches, Type: "branch",
		ID: string(b.ID), Name: string(p.Name + "/" + b.Name), Status: branchStatus(b.CurrentState),
		NativeStatus: string(b.CurrentState), CreatedAt: b.CreatedAt.Time,
	}
	r.Metrics = storage(b.LogicalSize, now)
	var a attrs
	a.text("project", p.ID)
	a.text("parent", b.ParentID)
	a.text("pending_state", b.PendingState)
	a.flag("default", b.Default)
	a.flag("protected", b.Protected)
	a.number("active_time_seconds", b.ActiveTime)
	a.number("compute_time_seconds", b.ComputeTime)
	a.number("written_data_bytes", b.WrittenData)
	a.number("data_transfer_bytes", b.DataTransfer)
	a.moment("expires_at", b.ExpiresAt)
	r.Attrs = a
	return r
}

// branchStatus maps current_state, a plain string of which the description names init, resetting, ready, archived.
func branchStatus(s provider.Text) cloud.Status {
	switch s {
	case "ready":
		return cloud.StatusRunning
	case "init", "resetting":
		return cloud.StatusStarting
	case "archived":
		return cloud.StatusStopped
	}
	return cloud.StatusUnknown
}
