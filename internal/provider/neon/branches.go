package neon

import (
	"context"
	"net/url"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

// branch is the part of the schema Branch that is shown.
type branch struct {
	ID           string
	Name         string
	ParentID     string `json:"parent_id"`
	CurrentState string `json:"current_state"`
	PendingState string `json:"pending_state"`
	Default      bool
	Protected    bool
	LogicalSize  *float64   `json:"logical_size"`        // bytes
	ActiveTime   *float64   `json:"active_time_seconds"` // of the billing period
	ComputeTime  *float64   `json:"compute_time_seconds"`
	WrittenData  *float64   `json:"written_data_bytes"`
	DataTransfer *float64   `json:"data_transfer_bytes"`
	ExpiresAt    *time.Time `json:"expires_at"`
	CreatedAt    time.Time  `json:"created_at"`
}

const branchesPage = 1000

func (d *driver) branches(ctx context.Context, q cloud.Query, p *project) part {
	var out part
	out.err = pages(branchesPage, func(query url.Values) (int, string, error) {
		var page struct {
			Branches   []branch
			Pagination struct{ Next string }
		}
		path := "/projects/" + url.PathEscape(p.ID) + "/branches"
		_, err := d.api.Get(ctx, "list branches of "+p.ID, path, query, &page)
		for i := range page.Branches {
			out.resources = append(out.resources, page.Branches[i].resource(q, p, d.now()))
		}
		return len(page.Branches), page.Pagination.Next, err
	})
	return out
}

func (b *branch) resource(q cloud.Query, p *project, now time.Time) cloud.Resource {
	r := cloud.Resource{
		Provider: name, Account: q.Scope.Account, Region: p.RegionID, Service: branches, Type: "branch", ID: b.ID,
		Name: p.Name + "/" + b.Name, Status: branchStatus(b.CurrentState), NativeStatus: b.CurrentState,
		CreatedAt: b.CreatedAt.UTC(),
	}
	if b.LogicalSize != nil {
		r.Metrics = []cloud.Metric{{Name: cloud.StorageBytes, Value: *b.LogicalSize, At: now}}
	}
	var a attrs
	a.text("project", p.ID)
	a.text("parent", b.ParentID)
	a.text("pending_state", b.PendingState)
	a.add("default", b.Default)
	a.add("protected", b.Protected)
	a.number("active_time_seconds", b.ActiveTime)
	a.number("compute_time_seconds", b.ComputeTime)
	a.number("written_data_bytes", b.WrittenData)
	a.number("data_transfer_bytes", b.DataTransfer)
	a.moment("expires_at", b.ExpiresAt)
	r.Attrs = a
	return r
}

// branchStatus maps current_state, a plain string of which the description names init, resetting, ready, archived.
func branchStatus(s string) cloud.Status {
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
