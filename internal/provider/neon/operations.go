package neon

import (
	"context"
	"net/url"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

// operation is the part of the schema Operation that is shown.
type operation struct {
	ID            string
	Action        string
	Status        string
	Error         string
	EndpointID    string    `json:"endpoint_id"`
	BranchID      string    `json:"branch_id"`
	FailuresCount int       `json:"failures_count"`
	CreatedAt     time.Time `json:"created_at"`
}

const operationsPage = 100

// operations lists what a project is doing now. Operations come newest first, so a page without one in progress is the
// end.
func (d *driver) operations(ctx context.Context, q cloud.Query, p *project) part {
	var out part
	out.err = pages(operationsPage, func(query url.Values) (int, string, error) {
		var page struct {
			Operations []operation
			Pagination struct{ Cursor string }
		}
		path := "/projects/" + url.PathEscape(p.ID) + "/operations"
		_, err := d.api.Get(ctx, "list operations of "+p.ID, path, query, &page)
		busy := false
		for i := range page.Operations {
			if o := &page.Operations[i]; o.inProgress() {
				busy = true
				out.resources = append(out.resources, o.resource(q, p))
			}
		}
		if !busy {
			return 0, "", err
		}
		return len(page.Operations), page.Pagination.Cursor, err
	})
	return out
}

func (o *operation) inProgress() bool {
	return o.Status == "scheduling" || o.Status == "running" || o.Status == "cancelling"
}

func (o *operation) resource(q cloud.Query, p *project) cloud.Resource {
	r := cloud.Resource{
		Provider: name, Account: q.Scope.Account, Region: p.RegionID, Service: operations, Type: "operation", ID: o.ID,
		Name: p.Name + "/" + o.Action, NativeStatus: o.Status, CreatedAt: o.CreatedAt.UTC(),
		Status: map[string]cloud.Status{
			"scheduling": cloud.StatusStarting, "running": cloud.StatusRunning, "cancelling": cloud.StatusStopping,
		}[o.Status],
	}
	var a attrs
	a.text("project", p.ID)
	a.text("branch", o.BranchID)
	a.text("compute", o.EndpointID)
	if o.FailuresCount > 0 {
		a.add("failures_count", o.FailuresCount)
	}
	r.Attrs = a
	return r
}
