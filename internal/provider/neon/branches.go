package neon

import (
	"context"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/loose"
)

// branch is the part of the schema Branch that is shown.
type branch struct {
	ID           loose.Text
	Name         loose.Text
	ParentID     loose.Text `json:"parent_id"`
	CurrentState loose.Text `json:"current_state"`
	PendingState loose.Text `json:"pending_state"`
	Default      loose.Flag
	Protected    loose.Flag
	LogicalSize  loose.Number `json:"logical_size"`        // bytes; absent while it is not measured
	ActiveTime   loose.Number `json:"active_time_seconds"` // of the billing period
	ComputeTime  loose.Number `json:"compute_time_seconds"`
	WrittenData  loose.Number `json:"written_data_bytes"`
	DataTransfer loose.Number `json:"data_transfer_bytes"`
	ExpiresAt    loose.Time   `json:"expires_at"`
	CreatedAt    loose.Time   `json:"created_at"`
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
	var a provider.Attrs
	a.Add("project", p.ID)
	a.Add("parent", b.ParentID)
	a.Add("pending_state", b.PendingState)
	a.Add("default", b.Default)
	a.Add("protected", b.Protected)
	a.Add("active_time_seconds", b.ActiveTime)
	a.Add("compute_time_seconds", b.ComputeTime)
	a.Add("written_data_bytes", b.WrittenData)
	a.Add("data_transfer_bytes", b.DataTransfer)
	a.Add("expires_at", b.ExpiresAt)
	r.Attrs = a
	return r
}

// branchStatus maps current_state, a plain string of which the description names init, resetting, ready, archived.
func branchStatus(s loose.Text) cloud.Status {
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
