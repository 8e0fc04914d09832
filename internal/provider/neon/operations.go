package neon

import (
	"context"
	"slices"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/loose"
)

// operation is the part of the schema Operation that is shown.
type operation struct {
	ID            loose.Text
	Action        loose.Text
	Status        loose.Text
	EndpointID    loose.Text   `json:"endpoint_id"`
	BranchID      loose.Text   `json:"branch_id"`
	FailuresCount loose.Number `json:"failures_count"`
	CreatedAt     loose.Time   `json:"created_at"`
}

const operationsPage = 100

// operations lists what a project is doing now. Operations come newest first, so a page without one in progress is the
// end.
func (d *driver) operations(ctx context.Context, q cloud.Query, p *project) part {
	all := listing[operation]{
		op: "list operations of " + string(p.ID), path: p.path("/operations"), field: "operations", size: operationsPage,
		is:     func(o *operation) bool { return o.ID != "" },
		enough: func(page []operation) bool { return !slices.ContainsFunc(page, operation.inProgress) },
	}
	got, err := all.read(ctx, d)
	got.rows = slices.DeleteFunc(got.rows, func(o operation) bool { return !o.inProgress() })
	return partOf(got, err, func(o *operation) cloud.Resource { return o.resource(q, p) })
}

// inProgress reports whether the operation has not ended. The words for an end are finished, failed, error, cancelled
// and skipped.
func (o operation) inProgress() bool {
	return o.Status == "scheduling" || o.Status == "running" || o.Status == "cancelling"
}

func (o *operation) resource(q cloud.Query, p *project) cloud.Resource {
	r := cloud.Resource{
		Provider: name, Account: q.Scope.Account, Region: string(p.RegionID), Service: operations, Type: "operation",
		ID: string(o.ID), Name: string(p.Name + "/" + o.Action), NativeStatus: string(o.Status), CreatedAt: o.CreatedAt.Time,
		Status: map[loose.Text]cloud.Status{
			"scheduling": cloud.StatusStarting, "running": cloud.StatusRunning, "cancelling": cloud.StatusStopping,
		}[o.Status],
	}
	var a provider.Attrs
	a.Add("project", p.ID)
	a.Add("branch", o.BranchID)
	a.Add("compute", o.EndpointID)
	if n := o.FailuresCount.Value; n > 0 {
		a.Add("failures_count", int(n))
	}
	r.Attrs = a
	return r
}
